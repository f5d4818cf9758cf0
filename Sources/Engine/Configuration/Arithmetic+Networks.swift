// The arithmetic of each network, following the order of its forward pass in Models.

extension UNetConfiguration {
    /// One pass: `height` and `width` of the latent, `tokens` rows of instruction.
    /// - Returns: the forward pass, and the adjoints down to the instruction.
    public func arithmetic(batch: Int, height: Int, width: Int, tokens: Int) -> (
        forward: Arithmetic, backward: Arithmetic
    ) {
        var walk = UNetWalk(configuration: self, batch: batch, tokens: tokens)
        walk.run(MapSize(height: height, width: width))
        return (walk.counter.forward, walk.counter.backward)
    }
}

/// Follows a value through the UNet; `tracked` tells whether the instruction has reached it.
private struct UNetWalk {
    let configuration: UNetConfiguration
    let tokens: Int
    var counter: ArithmeticCounter
    private var tracked = false
    private let pooled: Bool

    init(configuration: UNetConfiguration, batch: Int, tokens: Int) {
        (self.configuration, self.tokens) = (configuration, tokens)
        counter = ArithmeticCounter(batch: batch)
        pooled = configuration.pooledInstructionHeads != nil
    }

    mutating func run(_ input: MapSize) {
        let widths = configuration.blockOutChannels
        embedding()
        counter.convolution(configuration.inChannels, widths[0], to: input)
        var (map, channels, skips, maps) = (input, widths[0], [widths[0]], [input])
        for (level, width) in widths.enumerated() {
            for _ in 0..<configuration.layersPerBlock[level] {
                unit(channels, width, map, level, attends: configuration.downBlockTypes[level] == .crossAttention)
                (channels, skips) = (width, skips + [width])
            }
            guard level < widths.count - 1 else { break }
            map = map.halved
            counter.convolution(width, width, to: map, tracked: tracked)
            (skips, maps) = (skips + [width], maps + [map])
        }
        unit(channels, channels, map, widths.count - 1, attends: true)
        unit(channels, channels, map, widths.count - 1, attends: false)
        for (index, level) in widths.indices.reversed().enumerated() {
            for _ in 0...configuration.layersPerBlock[level] {
                unit(
                    channels + skips.removeLast(), widths[level], maps[level], level,
                    attends: configuration.upBlockTypes[index] == .crossAttention)
                channels = widths[level]
            }
            if level > 0 { counter.convolution(channels, channels, to: maps[level - 1], tracked: tracked) }
        }
        counter.convolution(channels, configuration.outChannels, to: input, tracked: tracked)
    }

    private mutating func embedding() {
        let (time, text) = (configuration.timeEmbeddingWidth, configuration.crossAttentionWidth)
        counter.linear(configuration.blockOutChannels[0], time, rows: 1)
        counter.linear(time, time, rows: 1)
        guard pooled else { return }
        counter.linear(text, text, rows: 1, tracked: true)
        for _ in 0..<2 { counter.linear(text, text, rows: tokens + 1, tracked: true) }
        counter.attention(queries: 1, keys: tokens + 1, width: text, trackedQueries: true, trackedKeys: true)
        counter.linear(text, time, rows: 1, tracked: true)
    }

    /// A residual block and the transformer that may follow it.
    private mutating func unit(_ inputs: Int, _ outputs: Int, _ map: MapSize, _ level: Int, attends: Bool) {
        counter.convolution(inputs, outputs, to: map, tracked: tracked)
        let embedded = configuration.scalesAndShifts ? 2 * outputs : outputs
        counter.linear(configuration.timeEmbeddingWidth, embedded, rows: 1, tracked: pooled)
        counter.convolution(outputs, outputs, to: map, tracked: tracked || pooled)
        if inputs != outputs { counter.convolution(inputs, outputs, kernel: 1, to: map, tracked: tracked) }
        tracked = tracked || pooled
        if attends { transformer(outputs, map, level) }
    }

    private mutating func transformer(_ width: Int, _ map: MapSize, _ level: Int) {
        let rows = map.pixels
        projection(width, map)
        for _ in 0..<configuration.transformerLayersPerBlock[level] {
            attention(width, rows, toInstruction: configuration.onlyCrossAttention[level])
            attention(width, rows, toInstruction: true)
            counter.linear(width, 8 * width, rows: rows, tracked: tracked)
            counter.linear(4 * width, width, rows: rows, tracked: tracked)
        }
        projection(width, map)
    }

    private mutating func projection(_ width: Int, _ map: MapSize) {
        if configuration.useLinearProjection {
            counter.linear(width, width, rows: map.pixels, tracked: tracked)
        } else {
            counter.convolution(width, width, kernel: 1, to: map, tracked: tracked)
        }
    }

    private mutating func attention(_ width: Int, _ rows: Int, toInstruction: Bool) {
        let context = toInstruction ? configuration.crossAttentionWidth : width
        let seen = toInstruction ? tokens : rows
        counter.linear(width, width, rows: rows, tracked: tracked)
        for _ in 0..<2 { counter.linear(context, width, rows: seen, tracked: tracked || toInstruction) }
        counter.attention(
            queries: rows, keys: seen, width: width, trackedQueries: tracked, trackedKeys: tracked || toInstruction)
        tracked = tracked || toInstruction
        counter.linear(width, width, rows: rows, tracked: tracked)
    }
}

extension AutoencoderConfiguration {
    /// A picture of `height` × `width` pixels to its latent.
    public func encoding(batch: Int, height: Int, width: Int) -> Arithmetic {
        var counter = ArithmeticCounter(batch: batch)
        var map = MapSize(height: height, width: width)
        var channels = blockOutChannels[0]
        counter.convolution(inChannels, channels, to: map)
        for (level, width) in blockOutChannels.enumerated() {
            for _ in 0..<layersPerBlock {
                residual(channels, width, map, &counter)
                channels = width
            }
            guard level < blockOutChannels.count - 1 else { break }
            map = MapSize(height: map.height / 2, width: map.width / 2)
            counter.convolution(width, width, to: map)
        }
        middle(channels, map, &counter)
        counter.convolution(channels, 2 * latentChannels, to: map)
        if useQuantConv { counter.convolution(2 * latentChannels, 2 * latentChannels, kernel: 1, to: map) }
        return counter.forward
    }

    /// A latent to its picture of `height` × `width` pixels.
    public func decoding(batch: Int, height: Int, width: Int) -> Arithmetic {
        var counter = ArithmeticCounter(batch: batch)
        var map = MapSize(height: height / stride, width: width / stride)
        let widths = blockOutChannels.reversed()
        var channels = blockOutChannels[blockOutChannels.count - 1]
        if usePostQuantConv { counter.convolution(latentChannels, latentChannels, kernel: 1, to: map) }
        counter.convolution(latentChannels, channels, to: map)
        middle(channels, map, &counter)
        for (level, width) in widths.enumerated() {
            for _ in 0...layersPerBlock {
                residual(channels, width, map, &counter)
                channels = width
            }
            guard level < blockOutChannels.count - 1 else { break }
            map = map.doubled
            counter.convolution(width, width, to: map)
        }
        counter.convolution(channels, outChannels, to: map)
        return counter.forward
    }

    private func residual(_ inputs: Int, _ outputs: Int, _ map: MapSize, _ counter: inout ArithmeticCounter) {
        counter.convolution(inputs, outputs, to: map)
        counter.convolution(outputs, outputs, to: map)
        if inputs != outputs { counter.convolution(inputs, outputs, kernel: 1, to: map) }
    }

    private func middle(_ channels: Int, _ map: MapSize, _ counter: inout ArithmeticCounter) {
        for _ in 0..<2 { residual(channels, channels, map, &counter) }
        guard midBlockAttention else { return }
        for _ in 0..<4 { counter.linear(channels, channels, rows: map.pixels) }
        counter.attention(queries: map.pixels, keys: map.pixels, width: channels)
    }
}

extension TextEncoderConfiguration {
    /// One sentence of `tokens` rows; the causal mask is not taken off.
    public func arithmetic(tokens: Int) -> Arithmetic {
        var counter = ArithmeticCounter(batch: 1)
        for _ in 0..<layers {
            for _ in 0..<4 { counter.linear(width, width, rows: tokens) }
            counter.attention(queries: tokens, keys: tokens, width: width)
            counter.linear(width, feedForwardWidth, rows: tokens)
            counter.linear(feedForwardWidth, width, rows: tokens)
        }
        return counter.forward
    }
}
