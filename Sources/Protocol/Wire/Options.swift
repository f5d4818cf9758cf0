// The options of POST /v1/sketch and POST /v1/instructions, typed and within their ranges. nil means "not
// given": whoever draws knows the defaults.

/// Formats a picture is answered in.
public enum ResultFormat: String, Sendable, Codable, CaseIterable {
    case png, jpeg

    public var mediaType: String { "image/\(rawValue)" }
}

/// The size a sketch is drawn in.
public enum SketchSize: Sendable, Equatable {
    /// The photo's own, when its sides suit the model.
    case original
    /// Pixels of the long side.
    case longSide(Int)
}

public struct SketchOptions: Sendable, Equatable {
    /// Each is for a sketch of its own. Without a style there is a text.
    public var styles: [StyleMix] = []
    /// The instruction, or what is to be said beside the style.
    public var text: String?
    public var steps: Int?
    public var textGuidance: Double?
    public var imageGuidance: Double?
    public var seed: UInt64?
    public var sampler: String?
    public var size: SketchSize?
    public var format: ResultFormat?
    /// How many sketches of each photo in each style; 1 when not given.
    public var count = 1

    public static let names = [
        "style", "text", "steps", "text_guidance", "image_guidance", "seed", "sampler", "size", "format", "n",
    ]

    public init() {}

    /// - Parameter samplers: the names of samplers that whoever draws knows.
    public init(_ given: [NamedValue], samplers: [String]) throws(InvalidOptions) {
        var reader = OptionReader(given, known: SketchOptions.names, repeatable: ["style": OptionLimits.styles])
        styles = reader.styleMixes("style")
        text = reader.text("text")
        steps = reader.integer("steps", in: OptionLimits.sketchSteps)
        textGuidance = reader.decimal("text_guidance", in: OptionLimits.textGuidance)
        imageGuidance = reader.decimal("image_guidance", in: OptionLimits.imageGuidance)
        seed = reader.seed("seed")
        sampler = reader.choice("sampler", of: samplers)
        size = SketchOptions.size(&reader)
        format = SketchOptions.format(&reader)
        count = reader.integer("n", in: OptionLimits.count) ?? 1
        if reader.value("style") == nil, reader.value("text") == nil {
            reader.refuse("style", "Give the name of a style, or an instruction in text, or both.")
        }
        guard reader.errors.isEmpty else { throw InvalidOptions(errors: reader.errors) }
    }

    /// The seeds of ``count`` sketches: the given one and those after it, or `draw()` for each.
    public func seeds(_ draw: () -> UInt64) -> [UInt64] {
        (0..<UInt64(count)).map { place in
            seed.map { ($0 + place) % (OptionLimits.seed.upperBound + 1) } ?? draw()
        }
    }

    private static func size(_ reader: inout OptionReader) -> SketchSize? {
        guard let text = reader.value("size") else { return nil }
        if text == "original" { return .original }
        if let side = Array(text.utf8)[...].decimalValue, OptionLimits.size.contains(side) { return .longSide(side) }
        let range = OptionLimits.size
        reader.refuse("size", "Give 'original' or \(range.lowerBound) to \(range.upperBound) pixels.")
        return nil
    }

    private static func format(_ reader: inout OptionReader) -> ResultFormat? {
        if reader.value("format") == "jpg" { return .jpeg }
        return reader.choice("format", of: ResultFormat.allCases.map(\.rawValue)).flatMap(ResultFormat.init(rawValue:))
    }
}

public struct TuneOptions: Sendable, Equatable {
    /// Name of the style to make.
    public var name: String
    /// The instruction tuning begins from.
    public var text: String?
    public var steps: Int?
    public var seed: UInt64?

    public static let names = ["name", "text", "steps", "seed"]

    public init(name: String) { self.name = name }

    public init(_ given: [NamedValue]) throws(InvalidOptions) {
        var reader = OptionReader(given, known: TuneOptions.names)
        if reader.value("name") == nil { reader.refuse("name", StyleName.rule) }
        name = reader.styleName("name") ?? ""
        text = reader.text("text")
        steps = reader.integer("steps", in: OptionLimits.tuneSteps)
        seed = reader.seed("seed")
        guard reader.errors.isEmpty else { throw InvalidOptions(errors: reader.errors) }
    }
}
