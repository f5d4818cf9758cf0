internal import FoundationEssentials
internal import LimnerProtocol
internal import Synchronization

/// The styles on disk: `styles/<name>/` with `style.safetensors`, `thumbnail.png` and `metadata.json`.
///
/// Shared by the service and the command line, in several processes at once: the folders are the truth, each style
/// appears and goes by one rename, and what was checked once is checked again only when its file has changed.
/// A style that fails its check is moved to `quarantine/` with a file that says why; the others keep serving.
/// Names are validated before they become part of a path.
public final class StyleRegistry: Sendable {
    public static let styleFileName = "style.safetensors"
    public static let thumbnailFileName = "thumbnail.png"
    static let metadataFileName = "metadata.json"

    /// Asks whoever knows the format what a folder's style file holds.
    public typealias Inspect = @Sendable (_ folder: String) throws -> StyleSummary

    /// The registry's folder.
    public let root: String
    let inspect: Inspect
    let timepiece: any Timepiece
    private let known = Mutex<[String: (stamp: Disk.Stamp, record: StyleRecord)]>([:])
    private let setAside = Mutex<[QuarantinedStyle]>([])

    var stylesFolder: String { root + "/styles" }
    var stagingFolder: String { root + "/staging" }
    var quarantineFolder: String { root + "/quarantine" }

    /// Opens a registry, makes its folders where they are missing, and clears what broken-off additions left.
    ///
    /// - Parameter inspect: usually the painter's ``Painter/inspectStyle(at:)``.
    public init(
        root: String, timepiece: any Timepiece = SystemTimepiece(), inspect: @escaping Inspect
    ) throws(ServerError) {
        self.root = root
        self.inspect = inspect
        self.timepiece = timepiece
        for folder in [stylesFolder, stagingFolder, quarantineFolder] { try Disk.makeFolder(folder) }
        sweepStaging()
    }

    // MARK: Looking

    /// All sound styles by name. Damaged ones are quarantined on the way.
    public func list() -> [StyleRecord] {
        Disk.names(in: stylesFolder).compactMap { name in try? get(name) }
    }

    /// - Throws: ``ServerError/unknownStyle(_:)``, ``ServerError/invalidName``, or
    ///   ``ServerError/damagedStyle(name:detail:)`` when it had to be quarantined just now.
    public func get(_ name: String) throws(ServerError) -> StyleRecord {
        try Self.check(name)
        guard Disk.isFolder(folder(name)) else { throw .unknownStyle(name) }
        if let stamp = Disk.stamp(styleFile(name)), let seen = known.withLock({ $0[name] }), seen.stamp == stamp {
            return seen.record
        }
        return try load(name)
    }

    /// Path of a style's file. The name must be that of a record this registry gave out.
    public func styleFile(_ name: String) -> String { folder(name) + "/" + Self.styleFileName }

    /// Path of a style's thumbnail.
    public func thumbnail(_ name: String) -> String { folder(name) + "/" + Self.thumbnailFileName }

    /// Path of a style's folder.
    public func folder(_ name: String) -> String { stylesFolder + "/" + name }

    /// Styles set aside since this registry was opened.
    public var quarantined: [QuarantinedStyle] { setAside.withLock { $0 } }

    // MARK: Changing

    /// Adds the style a painter wrote into `folder`, which stays as it is.
    ///
    /// - Parameter job: the job that made it. If the name is held by a style of the same job, that one is returned:
    ///   an earlier attempt got this far.
    /// - Throws: ``ServerError/styleTaken(_:)``, ``ServerError/damagedStyle(name:detail:)``, or a file error.
    @discardableResult
    public func add(
        from folder: String, as name: String, job: String? = nil
    ) throws(ServerError) -> StyleRecord {
        try Self.check(name)
        if Disk.exists(self.folder(name)), let present = try? get(name) {
            if let job, present.job == job { return present }
            throw .styleTaken(name)
        }
        return try withStaging { (staging) throws(ServerError) in
            try self.gather(from: folder, into: staging)
            let record = try self.describe(staging, as: name, job: job)
            try self.publish(staging, record)
            return record
        }
    }

    /// Adds a style file that came from elsewhere.
    ///
    /// - Parameter name: nil takes the name the file says.
    @discardableResult
    public func importStyle(from file: String, as name: String? = nil) throws(ServerError) -> StyleRecord {
        if let name { try Self.check(name) }
        return try withStaging { (staging) throws(ServerError) in
            try Disk.copy(file, to: staging + "/" + Self.styleFileName)
            let chosen = if let name { name } else { try self.ownName(in: staging) }
            try Self.check(chosen)
            if Disk.exists(self.folder(chosen)), (try? self.get(chosen)) != nil { throw .styleTaken(chosen) }
            let record = try self.describe(staging, as: chosen, job: nil)
            try self.publish(staging, record)
            return record
        }
    }

    /// Copies a style's file to a path that is not there yet.
    public func export(_ name: String, to path: String) throws(ServerError) {
        _ = try get(name)
        try Disk.copy(styleFile(name), to: path)
    }

    /// Removes a style. Jobs that were accepted with it keep their own copy.
    public func remove(_ name: String) throws(ServerError) {
        try Self.check(name)
        guard Disk.isFolder(folder(name)) else { throw .unknownStyle(name) }
        let leaving = stagingFolder + "/" + UUID().uuidString
        try Disk.rename(folder(name), to: leaving)
        forget(name)
        try Disk.synchroniseFolder(stylesFolder)
        try Disk.remove(leaving)
    }

    /// Gives a style another name.
    public func rename(_ name: String, to target: String) throws(ServerError) {
        try update(name, name: target)
    }

    /// Changes what is said of a style.
    ///
    /// - Parameters:
    ///   - target: the name it gets; nil leaves it.
    ///   - description: nil leaves it, "" removes it.
    @discardableResult
    public func update(
        _ name: String, name target: String? = nil, description: String? = nil
    ) throws(ServerError) -> StyleRecord {
        var record = try get(name)
        if let description { record.description = description.isEmpty ? nil : description }
        if let target, target != name {
            try Self.check(target)
            guard !Disk.exists(folder(target)) else { throw .styleTaken(target) }
            try move(folder(name), to: target)
            forget(name)
            record.name = target
        }
        try write(record, into: folder(record.name))
        try Disk.synchroniseFolder(stylesFolder)
        remember(record)
        return record
    }

    // MARK: Inside

    static func check(_ name: String) throws(ServerError) {
        guard StyleName.isValid(name) else { throw .invalidName }
    }

    func remember(_ record: StyleRecord) {
        guard let stamp = Disk.stamp(styleFile(record.name)) else { return }
        known.withLock { $0[record.name] = (stamp, record) }
    }

    func forget(_ name: String) {
        known.withLock { $0[name] = nil }
    }

    func note(_ style: QuarantinedStyle) {
        setAside.withLock { $0.append(style) }
    }
}
