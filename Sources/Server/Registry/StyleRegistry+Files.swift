internal import FoundationEssentials
internal import Glibc

/// How styles get on the disk and are read from it: staging beside, fsync, one rename; check, or quarantine.
extension StyleRegistry {
    // MARK: Adding

    /// Runs `body` with a fresh folder on the registry's disk that is gone afterwards.
    func withStaging<Result>(
        _ body: (String) throws(ServerError) -> Result
    ) throws(ServerError) -> Result {
        let staging = stagingFolder + "/" + UUID().uuidString
        try Disk.makeFolder(staging)
        defer { try? Disk.remove(staging) }
        return try body(staging)
    }

    func gather(from folder: String, into staging: String) throws(ServerError) {
        try Disk.copy(folder + "/" + Self.styleFileName, to: staging + "/" + Self.styleFileName)
        let thumbnail = folder + "/" + Self.thumbnailFileName
        if Disk.isFile(thumbnail) { try Disk.copy(thumbnail, to: staging + "/" + Self.thumbnailFileName) }
    }

    func describe(_ folder: String, as name: String, job: String?) throws(ServerError) -> StyleRecord {
        let content = try Disk.hash(folder + "/" + Self.styleFileName)
        return StyleRecord(
            name: name, hash: content.hash, bytes: content.bytes, added: timepiece.now, job: job,
            hasThumbnail: Disk.isFile(folder + "/" + Self.thumbnailFileName),
            summary: try summary(of: folder, name: name))
    }

    func ownName(in folder: String) throws(ServerError) -> String {
        guard let name = try summary(of: folder, name: "import").name else { throw .invalidName }
        return name
    }

    /// Brings a described staging folder to disk and gives it its name.
    func publish(_ staging: String, _ record: StyleRecord) throws(ServerError) {
        try write(record, into: staging)
        try move(staging, to: record.name)
        try Disk.synchroniseFolder(stylesFolder)
        remember(record)
    }

    /// A rename onto a folder that holds something fails, so of two that want a name only one gets it.
    func move(_ source: String, to name: String) throws(ServerError) {
        do throws(ServerError) {
            try Disk.rename(source, to: folder(name))
        } catch .file(let what, let code) {
            throw code == ENOTEMPTY || code == EEXIST ? .styleTaken(name) : .file(what: what, code: code)
        }
    }

    func write(_ record: StyleRecord, into folder: String) throws(ServerError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(record) else {
            throw .damagedStyle(name: record.name, detail: "its numbers cannot be written down (not finite).")
        }
        let path = folder + "/" + Self.metadataFileName
        try Disk.write(Array(data), to: path + ".new")
        try Disk.rename(path + ".new", to: path)
        try Disk.synchroniseFolder(folder)
    }

    // MARK: Loading

    /// Reads and checks a style; sets it aside when the check fails.
    func load(_ name: String) throws(ServerError) -> StyleRecord {
        do throws(ServerError) {
            let record = try check(name)
            remember(record)
            return record
        } catch .damagedStyle(_, let detail) {
            try quarantine(name, reason: detail)
            throw .damagedStyle(name: name, detail: detail)
        }
    }

    private func check(_ name: String) throws(ServerError) -> StyleRecord {
        guard Disk.isFile(styleFile(name)) else {
            throw .damagedStyle(name: name, detail: "\(Self.styleFileName) is missing or not a plain file.")
        }
        var record = try readMetadata(name)
        let content = try Disk.hash(styleFile(name))
        guard content.bytes <= ServerLimits.styleFileBytes else {
            throw .damagedStyle(name: name, detail: "\(Self.styleFileName) is larger than a style can be.")
        }
        guard content.hash == record.hash else {
            throw .damagedStyle(name: name, detail: "\(Self.styleFileName) has changed since it was written.")
        }
        record.summary = try summary(of: folder(name), name: name)
        record.name = name
        record.hasThumbnail = Disk.isFile(thumbnail(name))
        return record
    }

    private func readMetadata(_ name: String) throws(ServerError) -> StyleRecord {
        let path = folder(name) + "/" + Self.metadataFileName
        guard Disk.isFile(path) else {
            throw .damagedStyle(name: name, detail: "\(Self.metadataFileName) is missing or not a plain file.")
        }
        let bytes = try Disk.read(path, limit: ServerLimits.metadataBytes)
        guard let record = try? JSONDecoder().decode(StyleRecord.self, from: Data(bytes)) else {
            throw .damagedStyle(name: name, detail: "\(Self.metadataFileName) cannot be read.")
        }
        return record
    }

    private func summary(of folder: String, name: String) throws(ServerError) -> StyleSummary {
        do {
            return try inspect(folder)
        } catch {
            // Clients read this: where the file lies is not theirs to know.
            let detail = String(describing: error).replacing(folder + "/", with: "")
            throw .damagedStyle(name: name, detail: detail)
        }
    }

    private func quarantine(_ name: String, reason: String) throws(ServerError) {
        let target = quarantineFolder + "/" + name + "-" + UUID().uuidString.prefix(8).lowercased()
        forget(name)
        try Disk.rename(folder(name), to: target)
        note(QuarantinedStyle(name: name, folder: target, reason: reason))
        try Disk.write(Array((reason + "\n").utf8), to: target + "/why.txt")
        try Disk.synchroniseFolder(stylesFolder)
    }

    // MARK: Sweeping

    /// Other processes may be adding right now, so only what is old goes.
    func sweepStaging() {
        for name in Disk.names(in: stagingFolder) {
            let path = stagingFolder + "/" + name
            guard let age = Disk.age(path, at: timepiece.now), age > ServerLimits.stagingAge else { continue }
            try? Disk.remove(path)
        }
    }
}
