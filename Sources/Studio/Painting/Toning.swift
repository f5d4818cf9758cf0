// The tones of a style's example: how they are measured, and how they come into what is drawn.
package import LimnerEngine
import LimnerEvaluation
package import LimnerImaging

extension ToneCurves {
    /// How far tones are brought towards the sketch's: all the way costs pencil more than it gives ink.
    private static let share: Float = 0.75
    /// A sketch in one ink: all but this share of its pixels have the colour that goes with their luma, within so many levels.
    private static let (otherInk, inkTolerance): (Double, Float) = (0.002, 20)

    /// Curves that bring a drawing nearer to a sketch's distribution of tones; where the sketch is in one ink on one
    /// paper, in their colours and no other. Both pictures are of one size.
    package init(from drawn: Raster, to sketch: Raster) throws(EngineError) {
        if let ink = Self.ink(of: sketch) {
            let tones = Self.matched(drawn.luminance, to: sketch.luminance)
            try self.init(ink.flatMap { colour in tones.map { Self.read(colour, at: $0) } }, of: .luma)
        } else {
            try self.init(
                (0..<3).flatMap { Self.matched(drawn.channel($0), to: sketch.channel($0)) }, of: .channels)
        }
    }

    private static func matched(_ drawn: [UInt8], to sketch: [UInt8]) -> [Float] {
        ToneCurve.fitted(from: drawn, to: sketch, matching: 1)
            .enumerated().map { level, tone in Float(level) + share * (tone - Float(level)) }
    }

    /// Red, green and blue at every luma, if the sketch is in one ink on one paper; else nil.
    private static func ink(of sketch: Raster) -> [[Float]]? {
        let luma = sketch.luminance
        let channels = (0..<3).map(sketch.channel)
        let colours = channels.map { ToneCurve.fitted(from: luma, to: $0, matching: 0) }
        let strange = luma.indices.count { pixel in
            (0..<3).contains { abs(colours[$0][Int(luma[pixel])] - Float(channels[$0][pixel])) > inkTolerance }
        }
        return Double(strange) <= otherInk * Double(luma.count) ? colours : nil
    }

    /// A curve between its levels.
    private static func read(_ curve: [Float], at level: Float) -> Float {
        let below = min(Int(level), curve.count - 2)
        return curve[below] + (level - Float(below)) * (curve[below + 1] - curve[below])
    }
}

extension Raster {
    /// The picture with the tones of one style, or with the mean of several; a style without curves changes nothing.
    /// - Parameter parts: weights above 0 that sum to 1.
    package func toned(_ parts: [(curves: ToneCurves?, weight: Float)]) -> Raster {
        guard parts.contains(where: { $0.curves != nil }) else { return self }
        let levels = ToneCurves.shape[1]
        let luma = luminance
        var sum = [Float](repeating: 0, count: pixels.count)
        for (curves, weight) in parts {
            for index in pixels.indices {
                let own = pixels[index]
                let level = curves?.source == .luma ? luma[index / 3] : own
                sum[index] += weight * (curves?.values[index % 3 * levels + Int(level)] ?? Float(own))
            }
        }
        return Raster(width: width, height: height, pixels: sum.map { UInt8(min(max($0, 0), 255).rounded()) })
    }
}
