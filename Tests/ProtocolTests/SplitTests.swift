// Where the input is cut must never matter. Requests are mutated at random (the same way on every run) and
// each mutant must give one and the same exchange whole, byte by byte and in random pieces.

import LimnerProtocol
import Testing

@Suite("Cuts of the input")
struct SplitTests {
    static let seeds: [String] = [
        "GET /v1/jobs?status=queued&limit=5 HTTP/1.1\r\nHost: h:8080\r\nAccept: */*\r\n\r\n",
        "POST /v1/sketch HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\nhello world",
        "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;a=\"b\"\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n",
        "\r\nHEAD http://h/p HTTP/1.0\r\nConnection: keep-alive\r\n\r\nDELETE /a HTTP/1.1\r\nHost: h\r\n\r\n",
    ]
    static let alphabet = octets("\r\n\0\t :;,=\"5aG/%+-x\u{7F}\u{80}\u{FF}")

    private func mutant(of seed: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let byte = SplitTests.alphabet.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = byte
            case 1: bytes.insert(byte, at: place)
            case 2: bytes.remove(at: place)
            default: bytes.insert(contentsOf: bytes[place...].prefix(7), at: place)
            }
        }
        return bytes
    }

    private func pieces(_ bytes: [UInt8], _ random: inout SplitMix) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = Int.random(in: 1...9, using: &random)
            pieces.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return pieces
    }

    @Test("§3.25 2000 mutants of each request read the same in any pieces", arguments: SplitTests.seeds)
    func mutants(seed: String) {
        var random = SplitMix(state: UInt64(seed.utf8.count))
        for _ in 0..<2000 {
            let bytes = mutant(of: octets(seed), &random) + Exchange.nextRequest
            let whole = Exchange([bytes[...]], ended: true)
            #expect(
                Exchange(bytes.indices.map { bytes[$0...$0] }, ended: true) == whole, "\(latin(bytes).debugDescription)"
            )
            #expect(Exchange(pieces(bytes, &random), ended: true) == whole, "\(latin(bytes).debugDescription)")
        }
    }
}
