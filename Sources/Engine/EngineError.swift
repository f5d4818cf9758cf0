// The one error of the engine.
//
// Everything that comes from a file or from a caller's numbers ends here when it is wrong: which file,
// which key or tensor in it, what is the matter, and where it helps, what to do. Programmer faults trap instead.

/// What can go wrong when a model is read, a setting is checked, or a file is written.
public enum EngineError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file or folder cannot be opened, read or mapped.
    case unreadable(file: String, detail: String)
    /// The file was read but its content breaks its format.
    case malformed(file: String, detail: String)
    /// A tensor is missing, unexpected, of the wrong shape or type, or used twice.
    case tensor(file: String, key: String, detail: String)
    /// Only pickled weights were found; loading those would run code from the file.
    case pickled(file: String)
    /// A configuration says something this engine does not implement or that makes no sense.
    case configuration(file: String, key: String, value: String, detail: String)
    /// A caller's setting is out of range or does not fit the model.
    case setting(name: String, detail: String)
    /// The file cannot be written.
    case unwritable(file: String, detail: String)
    /// Arithmetic left the numbers that F32 can hold.
    case notFinite(what: String)

    public var description: String {
        switch self {
        case .unreadable(let file, let detail): "\(file) cannot be read: \(detail)"
        case .malformed(let file, let detail): "\(file) is damaged: \(detail)"
        case .tensor(let file, let key, let detail): "\(file): tensor '\(key)': \(detail)"
        case .pickled(let file):
            "\(file) is a pickle, which can run code when it is opened, so it is not read. \(Self.conversion)"
        case .configuration(let file, let key, let value, let detail): "\(file): '\(key)' is \(value): \(detail)"
        case .setting(let name, let detail): "\(name): \(detail)"
        case .unwritable(let file, let detail): "\(file) cannot be written: \(detail)"
        case .notFinite(let what):
            "\(what) did not stay finite; the weights or the guidance are too large for this model"
        }
    }

    private static let conversion = """
        Convert the model once, on a machine where you trust the file: python -c "from diffusers import \
        StableDiffusionInstructPix2PixPipeline as P; P.from_pretrained('FOLDER', safety_checker=None)\
        .save_pretrained('NEW_FOLDER', safe_serialization=True)", then give NEW_FOLDER.
        """
}
