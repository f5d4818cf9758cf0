// The drawings of Tests/Fixtures/evaluation and what scikit-image, piq, SciPy and Pillow measured on them.
import Foundation
import LimnerEvaluation
import Testing

/// What scripts/evaluation_goldens.py wrote.
struct MetricGoldens: Decodable {
    struct Place: Decodable {
        let name: String
        let width: Int
        let height: Int
        let offset: Int
    }
    /// Two pictures, enlarged `times` times, and their likeness by each metric.
    struct Measurement: Decodable, Sendable, CustomTestStringConvertible {
        let a: String
        let b: String
        let times: Int
        let structure: Double
        let features: Double
        let scoot: Double
        let gradientStructure: Double

        var testDescription: String { "\(a) and \(b), \(times) times" }

        func pictures() throws -> (GrayImage, GrayImage) {
            try (MetricGoldens.picture(a).enlarged(times), MetricGoldens.picture(b).enlarged(times))
        }
    }
    struct Blur: Decodable, Sendable {
        let picture: String
        let sigma: Double
        let values: [Double]
    }
    struct Edges: Decodable, Sendable {
        let picture: String
        let edges: String
        let sigma: Double
        let low: Double
        let high: Double
    }
    struct Drawn: Decodable, Sendable {
        let picture: String
        let drawn: String
        let kind: FilterKind
        let parameters: [String: Double]
    }

    let pictures: [Place]
    let measurements: [Measurement]
    let blurs: [Blur]
    let edges: [Edges]
    let drawn: [Drawn]

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/evaluation")

    /// All of goldens.json. Without it there is nothing to test with, so a failure stops the tests.
    static let all: MetricGoldens = {
        do {
            let file = try Data(contentsOf: folder.appending(path: "goldens.json"))
            return try JSONDecoder().decode(MetricGoldens.self, from: file)
        } catch {
            fatalError("goldens.json: \(error)")
        }
    }()

    /// A picture of pictures.bin.
    static func picture(_ name: String) throws -> GrayImage {
        let place = try #require(all.pictures.first { $0.name == name })
        let bytes = try [UInt8](Data(contentsOf: folder.appending(path: "pictures.bin")))
        let values = bytes[place.offset..<place.offset + place.width * place.height].map { Float($0) }
        return GrayImage(width: place.width, height: place.height, values: values)
    }
}

extension GrayImage {
    /// Each pixel repeated `times` times in both directions.
    func enlarged(_ times: Int) -> GrayImage {
        let (newWidth, newHeight) = (width * times, height * times)
        let enlarged = (0..<newWidth * newHeight).map { at in
            values[at / newWidth / times * width + at % newWidth / times]
        }
        return GrayImage(width: newWidth, height: newHeight, values: enlarged)
    }

    /// A picture drawn by a rule.
    init(width: Int, height: Int, _ value: (_ x: Int, _ y: Int) -> Float) {
        self.init(width: width, height: height, values: (0..<width * height).map { value($0 % width, $0 / width) })
    }
}
