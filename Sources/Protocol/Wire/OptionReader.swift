// Options of the API arrive as names and texts, from a form or from a query. This reader checks them against
// their ranges and collects everything that is wrong, so that a client learns all of it at once.

/// Everything that was wrong with the options; answered 422.
public struct InvalidOptions: Error, Sendable, Equatable {
    public let errors: [FieldError]

    public init(errors: [FieldError]) { self.errors = errors }
}

struct OptionReader {
    private let given: [NamedValue]
    private(set) var errors: [FieldError] = []

    /// - Parameters:
    ///   - known: the names that may be given, once each.
    ///   - repeatable: those of them that may be given so many times.
    init(_ given: [NamedValue], known: [String], repeatable: [String: Int] = [:]) {
        self.given = given
        for name in given.map(\.name) where !known.contains(name) {
            // An unknown name is the client's text, so it is not repeated.
            refuse("options", "An option is unknown; known are: \(known.joined(separator: ", ")).")
        }
        for name in known {
            let most = repeatable[name] ?? 1
            guard given.count(where: { $0.name == name }) > most else { continue }
            refuse(name, most == 1 ? "Give it once." : "Give it at most \(most) times.")
        }
    }

    mutating func refuse(_ field: String, _ detail: String) {
        let error = FieldError(field, detail)
        if !errors.contains(error) { errors.append(error) }
    }

    func value(_ name: String) -> String? { given.first { $0.name == name }?.value }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = value(name) else { return nil }
        if let number = Array(text.utf8)[...].decimalValue, range.contains(number) { return number }
        refuse(name, "Give a whole number from \(range.lowerBound) to \(range.upperBound).")
        return nil
    }

    mutating func seed(_ name: String) -> UInt64? {
        guard let text = value(name) else { return nil }
        if let number = Array(text.utf8)[...].decimalValue, OptionLimits.seed.contains(UInt64(number)) {
            return UInt64(number)
        }
        refuse(name, "Give a whole number from 0 to \(OptionLimits.seed.upperBound).")
        return nil
    }

    /// Digits with at most one decimal point; no sign, no exponent.
    mutating func decimal(_ name: String, in range: ClosedRange<Double>) -> Double? {
        guard let text = value(name) else { return nil }
        let parts = Array(text.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isPlain = parts.count <= 2 && text.utf8.count <= 32 && parts.allSatisfy { $0.decimalValue != nil }
        if isPlain, let number = Double(text), range.contains(number) { return number }
        refuse(name, "Give a number from \(range.lowerBound) to \(range.upperBound), such as 7.5.")
        return nil
    }

    mutating func text(_ name: String) -> String? {
        guard let text = value(name) else { return nil }
        let isClean = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        let isBlank = text.allSatisfy { $0 == " " }
        if isClean, !isBlank, text.utf8.count <= OptionLimits.text { return text }
        refuse(name, "Give one line of 1 to \(OptionLimits.text) bytes.")
        return nil
    }

    /// One line that may be empty.
    mutating func description(_ name: String) -> String? {
        guard let text = value(name) else { return nil }
        let isClean = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        if isClean, text.utf8.count <= OptionLimits.description { return text }
        refuse(name, "Give one line of at most \(OptionLimits.description) bytes.")
        return nil
    }

    mutating func styleName(_ name: String) -> String? {
        guard let text = value(name) else { return nil }
        if StyleName.isValid(text) { return text }
        refuse(name, StyleName.rule)
        return nil
    }

    /// Every mix of that name; nothing when one of them is none.
    mutating func styleMixes(_ name: String) -> [StyleMix] {
        let texts = given.filter { $0.name == name }.map(\.value)
        let mixes = texts.compactMap { StyleMix($0) }
        if mixes.count == texts.count { return mixes }
        refuse(name, StyleMix.rule)
        return []
    }

    mutating func choice(_ name: String, of choices: [String]) -> String? {
        guard let text = value(name) else { return nil }
        if choices.contains(text) { return text }
        refuse(name, "Give one of: \(choices.joined(separator: ", ")).")
        return nil
    }
}

/// Names of styles: `[a-z0-9][a-z0-9._-]{0,63}`.
public enum StyleName {
    public static let rule = "Give 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit."

    public static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, bytes.count <= OptionLimits.name else { return false }
        return isPlain(first) && bytes.allSatisfy { isPlain($0) || "._-".utf8.contains($0) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool { byte.isDigit || (byte.isAlpha && byte & 0x20 != 0) }
}
