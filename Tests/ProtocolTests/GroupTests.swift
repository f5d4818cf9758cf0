// The service's table of HTTP/1.1 inputs has 75 numbered groups. A test that decides one says so in its title, "§3.N";
// here it is held that none is forgotten. Groups of sockets, clocks, routes and pictures are decided in other suites.

import Foundation
import Testing

@Suite("The 75 groups")
struct GroupTests {
    /// Suites that decide the groups which no pure machine can, and that must name them too.
    static let elsewhere: [String: [Int]] = [
        "ServerTests": [46, 47, 52, 53, 54, 55, 56],
        "ImagingTests": [75],
    ]

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// The numbers in the titles of the tests of one folder, this file left out.
    private static func claimed(in folder: String) throws -> Set<Int> {
        let root = tests.appending(path: folder)
        let files = try FileManager.default.subpathsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".swift") }
        var numbers: Set<Int> = []
        for file in files where file != "GroupTests.swift" {
            let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
            for match in text.matches(of: /"(?:§3\.\d+ )+/) {
                numbers.formUnion(match.output.split(separator: "§3.").compactMap { Int($0.filter(\.isNumber)) })
            }
        }
        return numbers
    }

    @Test("every group is decided here or in a named suite, and none in a list alone")
    func complete() throws {
        let here = try GroupTests.claimed(in: "ProtocolTests")
        let listed = GroupTests.elsewhere.values.flatMap { $0 }
        #expect(Set(1...75).subtracting(here).sorted() == listed.sorted())
        #expect(here.subtracting(1...75).isEmpty)
    }

    @Test("a suite that is named decides its groups", arguments: elsewhere.keys.sorted())
    func decided(folder: String) throws {
        let missing = Set(GroupTests.elsewhere[folder] ?? []).subtracting(try GroupTests.claimed(in: folder))
        #expect(missing.sorted() == [])
    }
}
