// Attention forwards: the lanes are LANES queries, so that their maxima and sums need no reduction across lanes.


// Keys of one product, and of a block: one block holds CLIP's 77.
enum { KEYS = LIMNER_AVX512 ? 13 : 6, BLOCK = 78 };

// Keys of a head in both forms: for the scores, then for the weighted sum of values.
static size_t key_words(const limner_attention_shape *s) { return ceiling(s->keys, KEYS) * KEYS * ceiling(s->width, PAIR); }
static size_t value_pitch(const limner_attention_shape *s) { return ceiling(s->keys, PAIR); }

static size_t packed_bytes(const limner_attention_shape *s) {
    return (key_words(s) + value_pitch(s) * padded_width(s)) * sizeof(word) + 64;
}

static word *packed_values(const limner_attention_shape *s, const void *packed) {
    return (word *)packed + ceiling(key_words(s), 16) * 16;
}

static void pack(const limner_attention_shape *s, const void *keys, const void *values, size_t first, size_t count, void *packed) {
    size_t depth = ceiling(s->width, PAIR), group = channel_group(s->width);
    const element *k = (const element *)keys + first * s->key_stride, *v = (const element *)values + first * s->key_stride;
    pack_tokens(k, s->key_stride, count, s->width, KEYS, (word *)packed + first * depth);
    pack_channels(v, s->key_stride, count, s->width, group, value_pitch(s), packed_values(s, packed) + first / PAIR * group);
}

static size_t attend_bytes(const limner_attention_shape *s) {
    return (ceiling(s->width, PAIR) + padded_width(s) + BLOCK + BLOCK) * LANES * sizeof(float);
}

// Takes what must not be seen out of the scores, and gives the largest of the rest.
static void mask_scores(float *scores, size_t rows, ptrdiff_t ahead, lanes *largest) {
    for (size_t r = 0; r < rows; r++)
        for (int z = 0; z < VECTORS; z++) {
            float *score = scores + r * LANES + z * VECTOR;
            // Query lane + 16 z sees key r when r ≤ ahead + lane.
            ptrdiff_t hidden = (ptrdiff_t)r - ahead - z * VECTOR;
            lanes x = lanes_first_else(first_lanes(hidden > 0 ? (size_t)hidden : 0), lanes_all(-INFINITY), lanes_load(score));
            lanes_store(score, x);
            largest[z] = lanes_max(largest[z], x);
        }
}

// The weights exp(scale·(score − largest)) of one block as words, their sums added to `total`.
INLINE void weigh(const float *scores, size_t rows, lanes scale, const lanes *largest, word *weights, lanes *total) {
    lanes offset[VECTORS], even[VECTORS], odd[VECTORS];
    for (int z = 0; z < VECTORS; z++) {
        offset[z] = (scale * largest[z]);
        even[z] = total[z];
        odd[z] = lanes_zero();
    }
    size_t r = 0;
    for (; r + 2 <= rows; r += 2)
        for (int z = 0; z < VECTORS; z++) {
            const float *score = scores + r * LANES + z * VECTOR;
            lanes a = power_of_two(lanes_fma(scale, lanes_load(score), -offset[z]));
            lanes b = power_of_two(lanes_fma(scale, lanes_load(score + LANES), -offset[z]));
            even[z] = (even[z] + a);
            odd[z] = (odd[z] + b);
#if LIMNER_BF16
            lanes_store(weights + r / 2 * LANES + z * VECTOR, paired(a, b));
#else
            lanes_store(weights + r * LANES + z * VECTOR, a);
            lanes_store(weights + (r + 1) * LANES + z * VECTOR, b);
#endif
        }
    if (r < rows)
        for (int z = 0; z < VECTORS; z++) {
            lanes a = power_of_two(lanes_fma(scale, lanes_load(scores + r * LANES + z * VECTOR), -offset[z]));
            even[z] = (even[z] + a);
#if LIMNER_BF16
            a = paired(a, lanes_zero());
#endif
            lanes_store(weights + r / PAIR * LANES + z * VECTOR, a);
        }
    for (int z = 0; z < VECTORS; z++) total[z] = (even[z] + odd[z]);
}

// The running state of LANES queries.
typedef struct {
    word *queries;
    float *sums, *scores;
    word *weights;
    lanes largest[VECTORS], total[VECTORS];
} tile;

static void attend_block(const limner_attention_shape *s, const void *packed, size_t first, size_t key, size_t end, tile *t) {
    size_t depth = ceiling(s->width, PAIR), rows = smaller(BLOCK, end - key);
    const word *keys = (const word *)packed + key * depth;
    const lanes scale = lanes_all(s->scale * 1.44269504f);
    lanes largest[VECTORS], factor[VECTORS];
    memcpy(largest, t->largest, sizeof largest);
    for (size_t r = 0; r < rows; r += KEYS)
        product(t->queries, keys + r * depth, depth, KEYS, t->scores + r * LANES, 0, NULL, largest);
    int hides = s->causal && key + rows > first + 1;
    if (hides || rows % KEYS != 0) {
        memcpy(largest, t->largest, sizeof largest);
        mask_scores(t->scores, rows, hides ? (ptrdiff_t)first - (ptrdiff_t)key : (ptrdiff_t)rows, largest);
    }
    for (int z = 0; z < VECTORS; z++) {
        factor[z] = power_of_two((scale * (t->largest[z] - largest[z])));
        t->total[z] = (t->total[z] * factor[z]);
        t->largest[z] = largest[z];
    }
    weigh(t->scores, rows, scale, largest, t->weights, t->total);
    accumulate_with(t->weights, packed_values(s, packed), value_pitch(s), key / PAIR, ceiling(rows, PAIR), padded_width(s), channel_group(s->width), t->sums, factor);
}

static void attend(const limner_attention_shape *s, const void *queries, const void *packed, size_t first, size_t count, void *y, float *logarithms, void *scratch) {
    tile t;
    t.sums = scratch;
    t.scores = t.sums + padded_width(s) * LANES;
    t.weights = t.scores + BLOCK * LANES;
    t.queries = t.weights + BLOCK * LANES;
    for (size_t q = first; q < first + count; q += LANES) {
        size_t rows = smaller(LANES, first + count - q);
        pack_lanes((const element *)queries + q * s->query_stride, s->query_stride, rows, s->width, t.queries);
        memset(t.sums, 0, padded_width(s) * LANES * sizeof(float));
        for (int z = 0; z < VECTORS; z++) {
            t.largest[z] = lanes_all(-FLT_MAX);
            t.total[z] = lanes_zero();
        }
        size_t end = s->causal ? smaller(s->keys, q + rows) : s->keys;
        for (size_t key = 0; key < end; key += BLOCK) attend_block(s, packed, q, key, end, &t);
        lanes inverse[VECTORS];
        for (int z = 0; z < VECTORS; z++) inverse[z] = lanes_all(1) / t.total[z];
        store_elements(t.sums, inverse, rows, s->width, (element *)y + q * s->output_stride, s->output_stride);
        if (!logarithms) continue;
        const float *largest = (const float *)t.largest, *total = (const float *)t.total;
        for (size_t i = 0; i < rows; i++) logarithms[q + i] = s->scale * largest[i] + logf(total[i]);
    }
}
