"""Training of limner-mini: a small InstructPix2Pix whose instructions span sketch styles."""
