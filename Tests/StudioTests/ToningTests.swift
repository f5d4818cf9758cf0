// A style's tones: an example in one ink lends its colours whatever hue the model drew in, one in several keeps them apart.
import LimnerEngine
import LimnerImaging
import LimnerStudio
import Testing

@Suite("The tones of an example")
struct ToningTests {
    /// 10 × 10 pixels, each that share of the way from one colour to another: the shares in turn.
    private static func blend(_ dark: [Float], _ light: [Float], shares: [Float]) -> Raster {
        let pixels = (0..<100).flatMap { pixel in
            (0..<3).map { UInt8((dark[$0] + shares[pixel % shares.count] * (light[$0] - dark[$0])).rounded()) }
        }
        return Raster(width: 10, height: 10, pixels: pixels)
    }

    /// Mostly paper, some ink, and little between.
    private static let sketched: [Float] = [0, 0.3, 1, 1, 1]
    private static let drawn = blend([30, 30, 60], [220, 220, 235], shares: (0..<10).map { Float($0) / 9 })

    @Test("after a gray example gray comes out of what was drawn with a cast")
    func gray() throws {
        let curves = try ToneCurves(
            from: Self.drawn, to: Self.blend([20, 20, 20], [255, 255, 255], shares: Self.sketched))
        #expect(curves.source == .luma)
        let toned = Self.drawn.toned([(curves, 1)])
        #expect(toned.isGray && !Self.drawn.isGray)
    }

    @Test("after one ink on toned paper everything drawn lies between the two")
    func oneInk() throws {
        let (ink, paper): ([Float], [Float]) = ([90, 40, 20], [250, 235, 200])
        let curves = try ToneCurves(from: Self.drawn, to: Self.blend(ink, paper, shares: Self.sketched))
        #expect(curves.source == .luma)
        let toned = Self.drawn.toned([(curves, 1)]).pixels
        for pixel in 0..<100 {
            let share = (Float(toned[3 * pixel]) - ink[0]) / (paper[0] - ink[0])
            for channel in 0..<3 {
                let wanted = ink[channel] + share * (paper[channel] - ink[channel])
                #expect(abs(Float(toned[3 * pixel + channel]) - wanted) <= 2)
            }
        }
        // The lightest: three quarters of the way from its luma, 222, to the paper's, 235, and in the paper's hue.
        #expect(abs(Int(toned[297]) - 246) <= 1)
    }

    @Test("an example with a second hue has a curve for each channel, by its distribution")
    func severalHues() throws {
        var sketch = Self.blend([20, 20, 20], [255, 255, 255], shares: Self.sketched).pixels
        sketch.replaceSubrange(0..<3, with: [200, 40, 40])
        let curves = try ToneCurves(from: Self.drawn, to: Raster(width: 10, height: 10, pixels: sketch))
        #expect(curves.source == .channels)
        #expect(!Self.drawn.toned([(curves, 1)]).isGray)
    }

    @Test("each channel has its own curve, at its own level or at the luma")
    func application() throws {
        let levels = (0..<256).map(Float.init)
        let values = levels + levels.map { $0 / 2 } + levels.map { max($0, 40.5) }
        let picture = Raster(width: 3, height: 1, pixels: [7, 8, 9, 255, 255, 255, 0, 0, 200])
        #expect(
            picture.toned([(try ToneCurves(values, of: .channels), 1)]).pixels == [7, 4, 41, 255, 128, 255, 0, 0, 200])
        // Lumas 8, 255 and 23.
        #expect(
            picture.toned([(try ToneCurves(values, of: .luma), 1)]).pixels == [8, 4, 41, 255, 128, 255, 23, 12, 41])
    }

    @Test("several styles' tones are the weighted mean, and a style without curves changes nothing")
    func mixture() throws {
        let white = try ToneCurves([Float](repeating: 255, count: 768), of: .channels)
        let black = try ToneCurves([Float](repeating: 0, count: 768), of: .luma)
        let picture = Raster(width: 1, height: 1, pixels: [100, 0, 40])
        #expect(picture.toned([(white, 0.25), (nil, 0.75)]).pixels == [139, 64, 94])
        #expect(picture.toned([(white, 0.2), (black, 0.8)]).pixels == [51, 51, 51])
        #expect(picture.toned([(nil, 0.5), (nil, 0.5)]) == picture)
    }
}
