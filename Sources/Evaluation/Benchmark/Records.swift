// What is known of an evaluation under way: one record for every unit that is finished, well or not.

/// How a unit ended: with what it was for, or with the reason why not.
public enum Ending<Product: Sendable & Equatable & Codable>: Sendable, Equatable, Codable {
    case done(Product)
    case failed(String)

    public var product: Product? {
        if case .done(let product) = self { product } else { nil }
    }

    public var failure: String? {
        if case .failed(let reason) = self { reason } else { nil }
    }

    private enum CodingKeys: String, CodingKey { case done, failed }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        if let reason = try values.decodeIfPresent(String.self, forKey: .failed) {
            self = .failed(reason)
        } else {
            self = .done(try values.decode(Product.self, forKey: .done))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .done(let product): try values.encode(product, forKey: .done)
        case .failed(let reason): try values.encode(reason, forKey: .failed)
        }
    }
}

/// A unit that is finished.
public struct Record<Unit: Sendable & Hashable & Codable, Product: Sendable & Equatable & Codable>: Sendable, Equatable,
    Codable
{
    public let unit: Unit
    public let ending: Ending<Product>

    public init(_ unit: Unit, _ ending: Ending<Product>) {
        self.unit = unit
        self.ending = ending
    }
}

/// One finished unit of any kind.
public enum Entry: Sendable, Equatable {
    case lesson(Record<LessonUnit, TunedLesson>)
    case filter(Record<FilterUnit, FilterFit>)
    case sketch(Record<SketchUnit, ScoredSketch>)
}

/// Everything that is finished.
public struct Records: Sendable, Equatable {
    public private(set) var lessons: [LessonUnit: Ending<TunedLesson>] = [:]
    public private(set) var filters: [FilterUnit: Ending<FilterFit>] = [:]
    public private(set) var sketches: [SketchUnit: Ending<ScoredSketch>] = [:]

    public init() {}

    public mutating func add(_ entry: Entry) {
        switch entry {
        case .lesson(let record): lessons[record.unit] = record.ending
        case .filter(let record): filters[record.unit] = record.ending
        case .sketch(let record): sketches[record.unit] = record.ending
        }
    }
}
