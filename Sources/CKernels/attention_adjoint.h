// The adjoint of attention: the lanes are LANES keys, so that dk and dv are sums over rows; dS is transposed in
// registers for dq. A group of key tiles is taken through all queries together, so that each block of queries is read,
// and its dq added to, once per group.  P = exp(S − ln Σ),  dV = Pᵀ·dy,  dP = dy·Vᵀ,  dS = P∘(dP − Σ_c dy∘y),  dQ = dS·K,  dK = dSᵀ·Q


enum { QUERIES = LIMNER_AVX512 ? 8 : 4, QUERY_BLOCK = 256, SCORE_BLOCK = 64, GROUP_BYTES = 256 << 10 };

// What one more tile adds to a group: its own words, its rows for dq and its dS.
static size_t group_words(const limner_attention_shape *s) {
    return LANES * (2 * ceiling(s->width, PAIR) + 2 * padded_width(s) + (padded_width(s) + QUERY_BLOCK) / PAIR);
}

// Key tiles whose operands and sums stay in the second-level cache together.
static size_t tiles_of_group(const limner_attention_shape *s, size_t count) {
    size_t fitting = GROUP_BYTES / (group_words(s) * sizeof(word));
    return smaller(fitting > 1 ? fitting : 1, ceiling(count, LANES));
}

// Where everything lies in the scratch; every part is a multiple of 64 bytes.
typedef struct {
    const limner_attention_shape *shape;
    size_t depth, padded, group, rows, pitch;
    size_t key_pitch;                          // words of a group's keys
    word *query_tokens, *upstream_tokens;      // [rows / QUERIES][depth][QUERIES]
    word *query_channels, *upstream_channels;  // [padded / group][pitch][group]
    element *upstream;                         // [rows][width]
    float *logarithms, *corrections;           // [rows]
    float *dq;                                 // [rows / LANES][padded][LANES]
    float *scores, *products;                  // [SCORE_BLOCK][LANES]
    word *weights, *ds;                        // [QUERY_BLOCK / PAIR][LANES]
    word *transposed;                          // dS of the group's keys, [QUERY_BLOCK / LANES][key_pitch][LANES]
    word *key_channels;                        // [padded / group][key_pitch][group]
    word *tiles;                               // of the group, tile_words each
} adjoint_plan;

static size_t tile_words(const adjoint_plan *p) { return 2 * LANES * (p->depth + p->padded); }

// Lays the scratch out from `base`; returns its size.
static size_t lay_out(adjoint_plan *p, const limner_attention_shape *s, size_t count, char *base) {
    p->shape = s;
    p->depth = ceiling(s->width, PAIR);
    p->padded = padded_width(s);
    p->group = channel_group(s->width);
    p->rows = ceiling(s->queries, LANES) * LANES;
    p->pitch = p->rows / PAIR;
    size_t tiles = tiles_of_group(s, count), at = 0;
    p->key_pitch = tiles * (LANES / PAIR);
#define PART(name, count) (p->name = (void *)(base + at), at += ceiling((count) * sizeof *p->name, 64) * 64)
    PART(query_tokens, p->rows * p->depth);
    PART(upstream_tokens, p->rows * p->depth);
    PART(query_channels, p->pitch * p->padded);
    PART(upstream_channels, p->pitch * p->padded);
    PART(upstream, p->rows * s->width);
    PART(logarithms, p->rows);
    PART(corrections, p->rows);
    PART(dq, p->rows * p->padded);
    PART(scores, SCORE_BLOCK * LANES);
    PART(products, SCORE_BLOCK * LANES);
    PART(weights, QUERY_BLOCK * LANES / PAIR);
    PART(ds, QUERY_BLOCK * LANES / PAIR);
    PART(transposed, QUERY_BLOCK * p->key_pitch);
    PART(key_channels, p->key_pitch * p->padded);
    PART(tiles, tiles * tile_words(p));
#undef PART
    return at;
}

static size_t adjoint_bytes(const limner_attention_shape *s) {
    adjoint_plan plan;
    return lay_out(&plan, s, s->keys, NULL);
}

// The upstream gradient as elements, Σ_c dy∘y of each row, and the logarithms to base 2. Padding rows are zero.
static void take_upstream(adjoint_plan *p, const limner_attention_adjoint *head) {
    const limner_attention_shape *s = p->shape;
    for (size_t r = 0; r < p->rows; r++) {
        p->logarithms[r] = r < s->queries ? head->logarithms[r] * 1.44269504f : 0;
        p->corrections[r] = 0;
        element *to = p->upstream + r * s->width;
        if (r >= s->queries) {
            memset(to, 0, s->width * sizeof(element));
            continue;
        }
        const element *y = (const element *)head->output + r * s->output_stride;
        const float *dy = head->upstream + r * s->output_stride;
        lanes sum = lanes_zero();
        for (size_t c = 0; c < s->width; c += 16) {
            lane_mask mask = first_lanes(s->width - c);
            lanes d = lanes_load_first(dy + c, mask);
#if LIMNER_BF16
            sum = lanes_fma(d, lanes_load_bf16_first(y + c, mask), sum);
            lanes_store_bf16_first(to + c, mask, d);
#else
            sum = lanes_fma(d, lanes_load_first(y + c, mask), sum);
            lanes_store_first(to + c, mask, d);
#endif
        }
        p->corrections[r] = lanes_sum(sum);
    }
}

// One tile of LANES keys within the scratch.
typedef struct {
    word *keys, *values;  // lanes [depth][LANES]
    float *dk, *dv;       // [padded][LANES]
    word *transposed;     // its part of the plan's
    size_t first, count;
} key_tile;

static key_tile key_tile_at(const adjoint_plan *p, size_t index, size_t first, size_t end) {
    word *base = p->tiles + index * tile_words(p);
    key_tile t = {.keys = base, .values = base + p->depth * LANES, .dk = base + 2 * p->depth * LANES};
    t.dv = t.dk + p->padded * LANES;
    t.transposed = p->transposed + index * (LANES / PAIR) * LANES;
    t.first = first + index * LANES;
    t.count = smaller(LANES, end - t.first);
    return t;
}

static void take_keys(const adjoint_plan *p, const limner_attention_adjoint *head, key_tile *t) {
    const limner_attention_shape *s = p->shape;
    const element *k = (const element *)head->keys + t->first * s->key_stride;
    const element *v = (const element *)head->values + t->first * s->key_stride;
    pack_lanes(k, s->key_stride, t->count, s->width, t->keys);
    pack_lanes(v, s->key_stride, t->count, s->width, t->values);
    memset(t->dk, 0, 2 * p->padded * LANES * sizeof(float));
}

// How many lanes of the tile query `row` sees: the first ones.
static inline size_t visible(const adjoint_plan *p, const key_tile *t, size_t row) {
    size_t seen = t->count;
    if (p->shape->causal) seen = row + 1 > t->first ? smaller(seen, row + 1 - t->first) : 0;
    return seen;
}

// From scores and products of `rows` queries from number `begin` of the block on, whose first is number `first` of the head:
// P and dS as words of consecutive queries, and dS transposed.
INLINE void differentiate(const adjoint_plan *p, const key_tile *t, size_t first, size_t begin, size_t rows) {
    const lanes scale = lanes_all(p->shape->scale * 1.44269504f);
    for (size_t r = 0; r < rows; r += VECTOR) {
        lanes weight[2][VECTORS], ds[2][VECTORS];
        lanes across[PAIR == 2 ? 1 : VECTORS][16];
#pragma clang loop unroll(full)
        for (size_t i = 0; i < VECTOR; i++) {
            size_t row = begin + r + i;
            size_t seen = visible(p, t, first + row);
            lanes logarithm = lanes_all(p->logarithms[first + row]), correction = lanes_all(p->corrections[first + row]);
#pragma clang loop unroll(full)
            for (size_t z = 0; z < VECTORS; z++) {
                lanes score = lanes_load(p->scores + (r + i) * LANES + z * VECTOR);
                lanes exponent = lanes_fma(scale, score, -logarithm);
                weight[i % 2][z] = lanes_first_else(first_lanes(seen > z * VECTOR ? seen - z * VECTOR : 0), power_of_two(exponent), lanes_zero());
                lanes difference = (lanes_load(p->products + (r + i) * LANES + z * VECTOR) - correction);
                ds[i % 2][z] = (weight[i % 2][z] * difference);
#if !LIMNER_BF16
                lanes_store(p->weights + row * LANES + z * VECTOR, weight[i % 2][z]);
                lanes_store(p->ds + row * LANES + z * VECTOR, ds[i % 2][z]);
                across[z][i] = ds[i % 2][z];
#endif
            }
#if LIMNER_BF16
            across[0][i] = (lanes)_mm512_cvtne2ps_pbh(ds[i % 2][1], ds[i % 2][0]);
            if (i % 2 == 0) continue;
#pragma clang loop unroll(full)
            for (int z = 0; z < VECTORS; z++) {
                lanes_store(p->weights + row / 2 * LANES + z * VECTOR, paired(weight[0][z], weight[1][z]));
                lanes_store(p->ds + row / 2 * LANES + z * VECTOR, paired(ds[0][z], ds[1][z]));
            }
#endif
        }
        word *out = t->transposed + (begin + r) / LANES * p->key_pitch * LANES + (begin + r) % LANES;
#pragma clang loop unroll(full)
        for (int z = 0; z < VECTORS / PAIR; z++) {
            lanes_transpose(across[z]);
            for (int i = 0; i < 16; i++) lanes_store(out + (z * 16 + i) * LANES, across[z][i]);
        }
    }
}

// One block of queries against one tile of keys: its shares of dk and dv, and dS for dq.
static void adjoint_block(const adjoint_plan *p, const key_tile *t, size_t first, size_t rows) {
    for (size_t begin = 0; begin < rows; begin += SCORE_BLOCK) {
        size_t some = smaller(SCORE_BLOCK, rows - begin);
        for (size_t r = 0; r < some; r += QUERIES) {
            size_t at = (first + begin + r) * p->depth;
            product(t->keys, p->query_tokens + at, p->depth, QUERIES, p->scores + r * LANES, 0, NULL, NULL);
            product(t->values, p->upstream_tokens + at, p->depth, QUERIES, p->products + r * LANES, 0, NULL, NULL);
        }
        differentiate(p, t, first, begin, some);
    }
    size_t steps = rows / PAIR, start = first / PAIR;
    accumulate(p->weights, p->upstream_channels, p->pitch, start, steps, p->padded, p->group, t->dv);
    accumulate(p->ds, p->query_channels, p->pitch, start, steps, p->padded, p->group, t->dk);
}

static void take_queries(adjoint_plan *p, const limner_attention_adjoint *head) {
    const limner_attention_shape *s = p->shape;
    memset(p->query_tokens, 0, p->rows * p->depth * sizeof(word));
    memset(p->query_channels, 0, p->pitch * p->padded * sizeof(word));
    pack_tokens(head->queries, s->query_stride, s->queries, s->width, QUERIES, p->query_tokens);
    pack_channels(head->queries, s->query_stride, s->queries, s->width, p->group, p->pitch, p->query_channels);
    take_upstream(p, head);
    pack_tokens(p->upstream, s->width, p->rows, s->width, QUERIES, p->upstream_tokens);
    pack_channels(p->upstream, s->width, p->rows, s->width, p->group, p->pitch, p->upstream_channels);
    memset(p->dq, 0, p->rows * p->padded * sizeof(float));
}

static void adjoint(const limner_attention_shape *s, const limner_attention_adjoint *head, size_t first, size_t count, void *scratch) {
    adjoint_plan p;
    lay_out(&p, s, s->keys, scratch);
    take_queries(&p, head);
    lanes one[VECTORS];
    for (int z = 0; z < VECTORS; z++) one[z] = lanes_all(1);
    lanes scale[VECTORS];
    for (int z = 0; z < VECTORS; z++) scale[z] = lanes_all(s->scale);
    size_t tiles = tiles_of_group(s, s->keys), end = first + count;
    for (size_t key = first; key < end; key += tiles * LANES) {
        size_t present = smaller(tiles, ceiling(end - key, LANES));
        for (size_t i = 0; i < present; i++) {
            key_tile t = key_tile_at(&p, i, key, end);
            take_keys(&p, head, &t);
        }
        memset(p.key_channels, 0, p.key_pitch * p.padded * sizeof(word));
        pack_channels((const element *)head->keys + key * s->key_stride, s->key_stride, smaller(present * LANES, end - key), s->width, p.group, p.key_pitch, p.key_channels);
        for (size_t q = 0; q < p.rows; q += QUERY_BLOCK) {
            size_t rows = smaller(QUERY_BLOCK, p.rows - q), seen = 0;
            for (; seen < present; seen++) {
                key_tile t = key_tile_at(&p, seen, key, end);
                if (s->causal && t.first >= q + QUERY_BLOCK) break;
                adjoint_block(&p, &t, q, rows);
            }
            for (size_t r = 0; r < rows; r += LANES)
                accumulate(p.transposed + r * p.key_pitch, p.key_channels, p.key_pitch, 0, seen * (LANES / PAIR), p.padded, p.group, p.dq + (q + r) * p.padded);
        }
        for (size_t i = 0; i < present; i++) {
            key_tile t = key_tile_at(&p, i, key, end);
            store_rows(t.dk, scale, t.count, s->width, head->dk + t.first * s->key_stride, s->key_stride);
            store_rows(t.dv, one, t.count, s->width, head->dv + t.first * s->key_stride, s->key_stride);
        }
    }
    for (size_t q = 0; q < s->queries; q += LANES)
        store_rows(p.dq + q * p.padded, scale, smaller(LANES, s->queries - q), s->width, head->dq + q * s->query_stride, s->query_stride);
}
