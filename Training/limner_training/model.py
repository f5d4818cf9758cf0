"""The parts of the small InstructPix2Pix, and the rows of an instruction.

Rows are the text tower's output [77, width]: BOS, the content rows, then EOS and padding. Content rows come from a
sentence or from the instruction encoder, which looks at a pair. The rows after the content are often taken from another sentence,
so that the model learns to read the content rows alone: those are what tuning changes.
"""

from dataclasses import asdict, dataclass

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from .vae import LATENTS

LENGTH = 77
# Size of an instruction's numbers at the start: at 1, the little that 10 of 77 rows say drowns in the rest for long.
ROW_SIZE = 3.0


@dataclass
class Shape:
    """Widths of the model; everything else follows the plain InstructPix2Pix family."""

    channels: tuple[int, ...] = (32, 64, 96, 160)
    plain_levels: int = 2
    groups: int = 16
    heads: int = 4
    text_width: int = 128
    text_layers: int = 3
    code_rows: int = 12
    pool_heads: int = 8
    encoder_channels: tuple[int, ...] = (32, 64, 96, 128)
    encoder_width: int = 256
    vae_channels: tuple[int, ...] = (24, 48)
    vae_groups: int = 4

    def to_dict(self) -> dict:
        return asdict(self)


def unet(shape: Shape) -> UNet2DConditionModel:
    """Cross-attention at every level but the two finest, where it would cost most; the instruction, pooled, also
    scales and shifts the features of every residual block, which is how style networks take their style
    (conditional normalisation, Dumoulin et al. 2017). Those scales and shifts begin as none."""
    plain, lower = shape.plain_levels, len(shape.channels) - shape.plain_levels
    network = UNet2DConditionModel(
        sample_size=128,
        in_channels=2 * LATENTS,
        out_channels=LATENTS,
        block_out_channels=tuple(shape.channels),
        layers_per_block=1,
        down_block_types=("DownBlock2D",) * plain + ("CrossAttnDownBlock2D",) * lower,
        up_block_types=("CrossAttnUpBlock2D",) * lower + ("UpBlock2D",) * plain,
        cross_attention_dim=shape.text_width,
        attention_head_dim=shape.heads,
        norm_num_groups=shape.groups,
        resnet_time_scale_shift="scale_shift",
        addition_embed_type="text",
        addition_embed_type_num_heads=shape.pool_heads,
    )
    for name, module in network.named_modules():
        if name.endswith("time_emb_proj"):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)
    return network


def text_tower(shape: Shape, vocabulary: int, bos: int, eos: int) -> CLIPTextModel:
    """A small CLIP text tower with quick-GELU."""
    tower = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=shape.text_width,
            intermediate_size=3 * shape.text_width,
            num_attention_heads=4,
            num_hidden_layers=shape.text_layers,
            max_position_embeddings=LENGTH,
            hidden_act="quick_gelu",
            projection_dim=shape.text_width,
            bos_token_id=bos,
            eos_token_id=eos,
            pad_token_id=eos,
        )
    )
    torch.nn.init.constant_(tower.final_layer_norm.weight, ROW_SIZE)
    return tower


def scheduler() -> DDIMScheduler:
    """v-prediction with zero terminal SNR and trailing spacing, so that few steps start from pure noise."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=True,
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
    )


class InstructionEncoder(nn.Module):
    """A pair's latents -> content rows [B, rows, width]: the start that tuning goes on from.

    photo is the posterior's mode, sketch the mode times the scaling factor, [B, LATENTS, H, W] each. Convolutions of stride
    2, each with SiLU; of every level's channels the mean and the deviation over the picture, which tell a style
    whatever the pose; two linear layers and a layer norm.
    """

    def __init__(self, channels: tuple[int, ...], hidden: int, rows: int, width: int):
        super().__init__()
        self.rows, self.width = rows, width
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip((2 * LATENTS, *channels), channels)
        )
        self.hidden = nn.Linear(2 * sum(channels), hidden)
        self.out = nn.Linear(hidden, rows * width)
        self.norm = nn.LayerNorm(width)
        nn.init.constant_(self.norm.weight, ROW_SIZE)

    def forward(self, photo: torch.Tensor, sketch: torch.Tensor) -> torch.Tensor:
        x, told = torch.cat([photo, sketch], 1), []
        for convolution in self.convolutions:
            x = nn.functional.silu(convolution(x))
            mean = x.float().mean((2, 3))
            spread = (x.float() - mean[..., None, None]).square().mean((2, 3))
            told += [mean, (spread + 1e-5).sqrt()]
        h = nn.functional.silu(self.hidden(torch.cat(told, 1)))
        return self.norm(self.out(h).view(-1, self.rows, self.width))


def swap_tails(
    rows: torch.Tensor, length: torch.Tensor, donor: torch.Tensor, donor_length: torch.Tensor
) -> torch.Tensor:
    """Rows 0...length from rows, the rest from donor's EOS and padding rows. rows, donor [B, 77, D]; lengths [B]."""
    place = torch.arange(LENGTH, device=rows.device).expand(len(rows), -1)
    source = torch.maximum(place, donor_length[:, None] + 1).clamp_max(LENGTH - 1)
    tail = torch.gather(donor, 1, source[..., None].expand_as(donor))
    return torch.where((place > length[:, None])[..., None], tail, rows)
