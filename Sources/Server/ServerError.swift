internal import Glibc
internal import LimnerProtocol

/// Everything that can go wrong in this module, each with a sentence that says what to do.
///
/// No case carries what a client sent except a validated style name: error texts reach logs and answers.
public enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name breaks the rule of ``StyleName``.
    case invalidName
    case unknownStyle(String)
    case styleTaken(String)
    /// A job of that id, or one made under that idempotency key, is there already.
    case requestTaken
    /// The style file failed its check.
    case damagedStyle(name: String, detail: String)
    /// A file operation failed; `code` is errno.
    case file(what: String, code: Int32)
    /// The job store failed.
    case store(String)
    /// The store gave up writing after a failed commit; it stays readable.
    case storeReadOnly(String)
    /// Another process works on this data folder.
    case dataFolderInUse(String)
    case cannotListen(address: String, detail: String)
    /// The keys' file, or what was asked of it, is not in order.
    case keys(String)
    /// The key's holder has this many jobs queued or running and may have no more.
    case tooManyJobs(Int)
    /// An address others can reach, and no keys.
    case publicWithoutKeys(String)
    /// A setting the service was started with cannot be used.
    case setting(name: String, detail: String)
    /// A certificate or its key cannot be used.
    case certificate(file: String, detail: String)

    public var description: String {
        switch self {
        case .invalidName: "That is no style name. \(StyleName.rule)"
        case .unknownStyle(let name): "There is no style named '\(name)'."
        case .styleTaken(let name): "The name '\(name)' is taken. Remove that style first or choose another name."
        case .requestTaken: "That id or idempotency key has just been used by another request. Send it again."
        case .damagedStyle(let name, let detail): "The style '\(name)' is damaged: \(detail)"
        case .file(let what, let code): "\(what): \(String(cString: strerror(code)))."
        case .store(let detail): "The job store failed: \(detail)"
        case .storeReadOnly(let detail):
            "The job store takes no more writes since one failed (\(detail)). Check the disk, then restart the service."
        case .dataFolderInUse(let folder):
            "Another limner works on the data folder \(folder). Stop it or choose another folder."
        case .cannotListen(let address, let detail): "Cannot listen on \(address): \(detail)"
        case .keys(let detail): detail
        case .tooManyJobs(let count): "This key has \(count) jobs queued or running and may have no more at once."
        case .publicWithoutKeys(let host):
            """
            Others can reach \(host) and there are no keys. Make one with 'limner keys add NAME --scope admin' and the \
            same --data, listen on 127.0.0.1, or say --public-without-keys if whoever reaches it may use it.
            """
        case .setting(let name, let detail): "\(name): \(detail)"
        case .certificate(let file, let detail):
            "Cannot use \(file) for TLS: \(detail). Give a PEM certificate chain and its key without a passphrase."
        }
    }

    /// The sentence for a client: without paths of this machine.
    public var publicDetail: String {
        switch self {
        case .invalidName, .unknownStyle, .styleTaken, .requestTaken, .damagedStyle, .tooManyJobs: description
        case .file where isNoSpace: "The service's disk is full."
        case .file: "The service could not read or write its own files."
        case .store, .storeReadOnly: "The service's job store failed."
        case .dataFolderInUse, .cannotListen, .certificate, .keys, .publicWithoutKeys, .setting:
            "The service is not set up rightly."
        }
    }

    /// Whether the disk is full.
    public var isNoSpace: Bool {
        if case .file(_, let code) = self { return code == ENOSPC || code == EDQUOT }
        return false
    }
}
