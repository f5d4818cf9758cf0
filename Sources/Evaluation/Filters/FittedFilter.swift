// A filter as the search leaves it: settings and a tone curve, ready for any photo.

/// A classical filter fitted to one photo-sketch pair.
public struct FittedFilter: Sendable, Equatable, Codable {
    public let kind: FilterKind
    /// The kind's settings by name: σ and widths in pixels, thresholds for a photo in 0…1.
    public let parameters: [String: Double]
    /// What each of the 256 levels that the filter draws becomes, 0…255.
    public let toneCurve: [Float]

    /// - Throws: ``EvaluationError/setting(name:detail:)`` when a setting is missing, unknown or out of its kind's
    ///   range, or the curve is not 256 values in 0…255.
    public init(kind: FilterKind, parameters: [String: Double], toneCurve: [Float]) throws(EvaluationError) {
        let known = kind.parameters
        for parameter in known {
            guard let value = parameters[parameter.name], parameter.range.contains(value) else {
                let range = "\(parameter.range.lowerBound)…\(parameter.range.upperBound)"
                throw .setting(name: parameter.name, detail: "a \(kind.rawValue) filter needs it in \(range)")
            }
        }
        if let unknown = parameters.keys.first(where: { name in !known.contains { $0.name == name } }) {
            throw .setting(name: unknown, detail: "a \(kind.rawValue) filter has no such setting; leave it out")
        }
        guard toneCurve.count == ToneCurve.levels, toneCurve.allSatisfy({ (0...255).contains($0) }) else {
            throw .setting(name: "toneCurve", detail: "give \(ToneCurve.levels) values in 0…255")
        }
        self.kind = kind
        self.parameters = parameters
        self.toneCurve = toneCurve
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            kind: container.decode(FilterKind.self, forKey: .kind),
            parameters: container.decode([String: Double].self, forKey: .parameters),
            toneCurve: container.decode([Float].self, forKey: .toneCurve))
    }

    /// The drawing of `photo`, in the photo's size.
    public func callAsFunction(_ photo: GrayImage) -> GrayImage {
        let levels = kind.draw(Plane(photo), parameters).bytes
        return GrayImage(width: photo.width, height: photo.height, values: levels.map { toneCurve[Int($0)] })
    }
}
