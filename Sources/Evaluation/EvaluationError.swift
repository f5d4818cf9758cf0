// The one error of the evaluation: pictures that cannot be compared, folders that hold no benchmark, files that fail.

/// Why something could not be measured.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
    /// Two pictures that are compared pixel by pixel differ in size.
    case sizesDiffer(width: Int, height: Int, otherWidth: Int, otherHeight: Int)
    /// A side is shorter than `minimum`, the least that `what` is defined for.
    case tooSmall(what: String, width: Int, height: Int, minimum: Int)
    /// Every pixel has one value, of which `what` says nothing.
    case constant(what: String)
    /// No filter that was tried drew anything that can be measured.
    case noFilter(trials: Int)
    /// A caller's setting is out of range.
    case setting(name: String, detail: String)
    /// The folder holds no benchmark of a known layout.
    case layout(folder: String, detail: String)
    /// A file or folder cannot be read.
    case unreadable(path: String, detail: String)
    /// A file was read but is not what it should be.
    case malformed(path: String, detail: String)
    /// A file or folder cannot be written.
    case unwritable(path: String, detail: String)

    public var description: String {
        switch self {
        case .sizesDiffer(let width, let height, let otherWidth, let otherHeight):
            "\(width) × \(height) and \(otherWidth) × \(otherHeight) pixels cannot be compared; resize one to the other"
        case .tooSmall(let what, let width, let height, let minimum):
            "\(width) × \(height) pixels are too few for \(what): at least \(minimum) on a side; give a larger picture"
        case .constant(let what):
            "a picture of one value everywhere has no \(what); give a picture that shows something"
        case .noFilter(let trials):
            "none of \(trials) filters drew anything from this photo; give a photo with more contrast"
        case .setting(let name, let detail): "\(name): \(detail)"
        case .layout(let folder, let detail): "\(folder) holds no pairs of a known layout: \(detail)"
        case .unreadable(let path, let detail): "\(path) cannot be read: \(detail)"
        case .malformed(let path, let detail): "\(path) is damaged: \(detail)"
        case .unwritable(let path, let detail): "\(path) cannot be written: \(detail)"
        }
    }
}
