// What the command line and the painter say when something is wrong that no other module has a word for.

/// An error for a person: what was wrong and what to do.
public enum StudioError: Error, Equatable, CustomStringConvertible {
    /// No model was found in any of the places looked at.
    case noModel(looked: [String])
    /// An option's value cannot be used.
    case option(name: String, detail: String)
    /// A file cannot be read or written.
    case file(path: String, detail: String)
    /// The request was understood and cannot be met.
    case refused(String)

    public var description: String {
        switch self {
        case .noModel(let looked):
            "no model was found; give one with --model DIR or LIMNER_MODEL. Looked at: \(looked.joined(separator: ", "))"
        case .option(let name, let detail): "\(name): \(detail)"
        case .file(let path, let detail): "\(path): \(detail)"
        case .refused(let detail): detail
        }
    }
}
