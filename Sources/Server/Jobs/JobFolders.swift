internal import FoundationEssentials
internal import Glibc
internal import LimnerProtocol

/// The data folder: one folder per job, a staging place for uploads, the job store's file and a lock.
///
///     lock                 held by the one service that works here
///     jobs.sqlite          the store
///     staging/<random>/    an upload on its way; swept at start
///     jobs/<id>/           photo, sketch, style/, style-1/, checkpoint, result-<token>.<format>
///
/// A job's folder is complete and on disk before the job is in the store, so a folder without a job is rubbish and a
/// job without a folder cannot be.
package struct JobFolders: Sendable {
    package let root: String

    /// Makes the folders where they are missing.
    package init(root: String) throws(ServerError) {
        self.root = root
        try Disk.makeFolder(jobsFolder)
        try Disk.makeFolder(stagingFolder)
    }

    package var storeFile: String { root + "/jobs.sqlite" }
    package var jobsFolder: String { root + "/jobs" }
    package var stagingFolder: String { root + "/staging" }

    package func folder(_ id: String) -> String { jobsFolder + "/" + id }
    package func photo(_ id: String) -> String { folder(id) + "/photo" }
    package func sketch(_ id: String) -> String { folder(id) + "/sketch" }
    /// - Parameter place: of a mix, which of its styles, from 0.
    package func style(_ id: String, _ place: Int = 0) -> String { folder(id) + "/" + Self.styleFolder(place) }
    package func checkpoint(_ id: String) -> String { folder(id) + "/checkpoint" }
    package func file(_ id: String, _ name: String) -> String { folder(id) + "/" + name }

    /// Where an attempt's picture goes; the token keeps attempts apart.
    func resultName(_ claim: Claim) -> String {
        "result-\(claim.leaseToken).\(claim.job.settings.format.rawValue)"
    }

    /// Where an attempt's style goes before it is in the registry.
    func tuningFolder(_ claim: Claim) -> String { folder(claim.job.id) + "/tuned-\(claim.leaseToken)" }

    /// Removes what earlier attempts at a job left when they were killed. Only for the newest claim's holder.
    func clearAttempts(_ id: String) throws(ServerError) {
        for name in Disk.names(in: folder(id)) where name.hasPrefix("result-") || name.hasPrefix("tuned-") {
            try Disk.remove(file(id, name))
        }
    }

    /// - Returns: a fresh, empty folder for an upload.
    func makeStaging() throws(ServerError) -> String {
        let staging = stagingFolder + "/" + UUID().uuidString.lowercased()
        try Disk.makeFolder(staging)
        return staging
    }

    /// Puts a copy of a style into a job's folder, so that the job keeps it whatever the registry does.
    private func stageStyle(from file: String, into folder: String) throws(ServerError) {
        try Disk.makeFolder(folder)
        try Disk.link(file, to: folder + "/" + StyleRegistry.styleFileName)
        try Disk.synchroniseFolder(folder)
    }

    private static func styleFolder(_ place: Int) -> String { place == 0 ? "style" : "style-\(place)" }

    /// Makes a job's folder of files that are on disk already, with one rename. Durable after ``settle()``.
    ///
    /// - Parameter staging: the upload's folder, where the job's is put together.
    func assemble(_ files: JobFiles, as id: String, in staging: String) throws(ServerError) {
        let made = staging + "/" + id
        try Disk.makeFolder(made)
        try Disk.link(files.photo, to: made + "/photo")
        if let sketch = files.sketch { try Disk.link(sketch, to: made + "/sketch") }
        for (place, style) in files.styles.enumerated() {
            try stageStyle(from: style, into: made + "/" + Self.styleFolder(place))
        }
        try Disk.synchroniseFolder(made)
        try Disk.rename(made, to: folder(id))
    }

    /// Makes assembled folders survive a power cut.
    func settle() throws(ServerError) { try Disk.synchroniseFolder(jobsFolder) }

    /// Removes all of a job's files.
    func remove(_ id: String) throws(ServerError) {
        try Disk.remove(folder(id))
    }

    /// Removes uploads that were broken off and folders no job owns. Only for the holder of the lock.
    func sweep(keeping ids: Set<String>) throws(ServerError) {
        for name in Disk.names(in: stagingFolder) { try Disk.remove(stagingFolder + "/" + name) }
        for name in Disk.names(in: jobsFolder) where !ids.contains(name) { try Disk.remove(folder(name)) }
    }
}

/// Where the files of a job to be are now.
struct JobFiles {
    var photo: String
    var sketch: String?
    /// Style files, in the order of the job's shares.
    var styles: [String] = []
}

/// The lock on a data folder, held for as long as the value lives; the kernel lets go of it when the process dies.
struct FolderLock: ~Copyable {
    private let file: Descriptor

    private init(file: consuming Descriptor) {
        self.file = file
    }

    static func take(_ root: String) throws(ServerError) -> FolderLock {
        try Disk.makeFolder(root)
        let file = try Descriptor.open(
            root + "/lock", O_RDWR | O_CREAT, what: "Cannot open the lock of the data folder \(root)")
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else { throw .dataFolderInUse(root) }
        return FolderLock(file: file)
    }
}
