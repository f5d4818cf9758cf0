import LimnerServer
import Testing

/// A registry in a folder of its own, and styles to put into it.
struct RegistryBench {
    let folder = TemporaryFolder()
    let registry: StyleRegistry

    init() throws { registry = try Self.open(folder) }

    static func open(_ folder: TemporaryFolder) throws -> StyleRegistry {
        try StyleRegistry(root: folder.path, timepiece: ManualTimepiece(), inspect: { try FakeStyle.inspect($0) })
    }

    /// A folder as a painter leaves it.
    func painted(_ content: String = "style ink 7", in name: String = "painted") -> String {
        let path = folder.makeFolder(name)
        folder.write(Array(content.utf8), to: name + "/style.safetensors")
        folder.write(Pictures.png, to: name + "/thumbnail.png")
        return path
    }
}

@Suite("The style registry")
struct StyleRegistryTests {
    @Test("an added style is listed with its hash, summary and thumbnail")
    func adds() throws {
        let bench = try RegistryBench()
        let record = try bench.registry.add(from: bench.painted(), as: "ink")
        #expect(bench.registry.list() == [record])
        #expect(record.summary.tokens == 77 && record.hasThumbnail && record.bytes == 11)
        #expect(record.hash == "de382cb846026486a87dc04d1e53dc24a5e36ccefde23bb042bd9ad992482b6a")
    }

    @Test("a style is there after the registry is opened again")
    func survives() throws {
        let bench = try RegistryBench()
        let record = try bench.registry.add(from: bench.painted(), as: "ink")
        #expect(try RegistryBench.open(bench.folder).get("ink") == record)
    }

    @Test("a taken name is refused and the first style stays")
    func namesAreUnique() throws {
        let bench = try RegistryBench()
        let first = try bench.registry.add(from: bench.painted(), as: "ink")
        #expect(throws: ServerError.styleTaken("ink")) {
            try bench.registry.add(from: bench.painted("style ink 8", in: "second"), as: "ink")
        }
        #expect(try bench.registry.get("ink") == first)
    }

    @Test("a second attempt of the job that made a style finds it")
    func sameJobAgain() throws {
        let bench = try RegistryBench()
        let first = try bench.registry.add(from: bench.painted(), as: "ink", job: "job")
        #expect(try bench.registry.add(from: bench.painted(), as: "ink", job: "job") == first)
    }

    @Test(
        "a name that is no name is refused",
        arguments: ["", ".", "..", "../ink", "Ink", "-ink", "a/b", "ink\0", "é", String(repeating: "a", count: 65)])
    func badNames(_ name: String) throws {
        let bench = try RegistryBench()
        #expect(throws: ServerError.invalidName) { try bench.registry.add(from: bench.painted(), as: name) }
        #expect(throws: ServerError.invalidName) { try bench.registry.get(name) }
        #expect(throws: ServerError.invalidName) { try bench.registry.remove(name) }
    }

    @Test("what is no style is not added")
    func refusesDamaged() throws {
        let bench = try RegistryBench()
        #expect(throws: ServerError.damagedStyle(name: "ink", detail: "style.safetensors is not a style")) {
            try bench.registry.add(from: bench.painted("rubbish"), as: "ink")
        }
        #expect(bench.registry.list().isEmpty)
        #expect(bench.folder.names("staging").isEmpty)
    }

    @Test(
        "a damaged style is quarantined with the reason and the others keep serving",
        arguments: ["style ink 8", "styl", ""])
    func quarantines(_ damage: String) throws {
        let bench = try RegistryBench()
        try bench.registry.add(from: bench.painted(), as: "ink")
        let sound = try bench.registry.add(from: bench.painted("style chalk 1", in: "other"), as: "chalk")
        bench.folder.write(Array(damage.utf8), to: "styles/ink/style.safetensors")
        let reopened = try RegistryBench.open(bench.folder)
        #expect(reopened.list() == [sound])
        #expect(reopened.quarantined.map(\.name) == ["ink"])
        let moved = try #require(bench.folder.names("quarantine").first)
        #expect(bench.folder.read("quarantine/\(moved)/why.txt")?.isEmpty == false)
    }

    @Test("a style without its metadata is quarantined")
    func quarantinesWithoutMetadata() throws {
        let bench = try RegistryBench()
        bench.folder.makeFolder("styles/ink")
        bench.folder.write(Array("style ink 7".utf8), to: "styles/ink/style.safetensors")
        #expect(throws: ServerError.self) { try bench.registry.get("ink") }
        #expect(bench.registry.quarantined.map(\.name) == ["ink"])
    }

    @Test("a removed style is gone and its name free")
    func removes() throws {
        let bench = try RegistryBench()
        try bench.registry.add(from: bench.painted(), as: "ink")
        try bench.registry.remove("ink")
        #expect(throws: ServerError.unknownStyle("ink")) { try bench.registry.get("ink") }
        #expect(throws: Never.self) { try bench.registry.add(from: bench.painted(), as: "ink") }
    }

    @Test("a renamed style is the same style")
    func renames() throws {
        let bench = try RegistryBench()
        let before = try bench.registry.add(from: bench.painted(), as: "ink")
        try bench.registry.rename("ink", to: "sepia")
        #expect(try bench.registry.get("sepia").hash == before.hash)
        #expect(bench.registry.list().map(\.name) == ["sepia"])
    }

    @Test("an exported style can be imported elsewhere and takes its own name")
    func travels() throws {
        let (here, there) = (try RegistryBench(), try RegistryBench())
        let record = try here.registry.add(from: here.painted(), as: "ink")
        let file = here.folder.path + "/ink.safetensors"
        try here.registry.export("ink", to: file)
        let imported = try there.registry.importStyle(from: file)
        #expect(imported.name == "ink" && imported.hash == record.hash)
    }

    @Test("two processes see each other's styles")
    func isShared() throws {
        let bench = try RegistryBench()
        let other = try RegistryBench.open(bench.folder)
        let record = try bench.registry.add(from: bench.painted(), as: "ink")
        #expect(try other.get("ink") == record)
        try other.remove("ink")
        #expect(bench.registry.list().isEmpty)
    }
}
