// What the fuzzing harnesses start from and what they found: every input of Tests/Fuzz/Corpus reads the same however
// it is cut. Findings are added there, each under the name of what was wrong.

import Foundation
import LimnerProtocol
import Testing

@Suite("Fuzzing corpus")
struct CorpusTests {
    private static func inputs(_ target: String) -> [String] {
        let file = URL(filePath: #filePath)
        let folder = file.deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "Fuzz/Corpus/\(target)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().map { folder.appending(path: $0).path }
    }

    private func bytes(_ path: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: path))) }

    @Test("there are inputs for every harness", arguments: ["head", "chunked", "multipart"])
    func present(target: String) { #expect(!CorpusTests.inputs(target).isEmpty) }

    @Test("requests read the same in any pieces", arguments: inputs("head"))
    func head(path: String) throws {
        let bytes = try bytes(path)
        expectExchange(bytes, ended: true, is: Exchange([bytes[...]], ended: true))
    }

    @Test("chunked bodies read the same in any pieces", arguments: inputs("chunked"))
    func chunked(path: String) throws {
        let bytes = octets("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n") + (try bytes(path))
        expectExchange(bytes, ended: true, is: Exchange([bytes[...]], ended: true))
    }

    @Test("multipart bodies read the same in any pieces", arguments: inputs("multipart"))
    func multipart(path: String) throws {
        let bytes = try bytes(path)
        let read = { MultipartTests.read($0, boundary: "b", limits: MultipartLimits()) }
        let whole = read([bytes[...]])
        #expect(read(bytes.indices.map { bytes[$0...$0] }) == whole)
        for cut in bytes.indices.dropFirst() {
            #expect(read([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)")
        }
    }
}
