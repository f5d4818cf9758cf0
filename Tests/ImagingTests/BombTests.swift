// What small files may cost: measured in a process of its own, so that no other test is counted in.
//
// The bounds are the service's promise of 64 MB above idle, and ten times its 100 ms, for builds without optimisation
// and busy machines.

import Glibc
import LimnerImaging
import Testing

@Suite struct BombTests {
    @Test("§3.75 picture bombs cost less than 64 MB above idle and a second of processor time each")
    func cost() async {
        await #expect(processExitsWith: .success) {
            // what libraries set aside once is not a bomb's doing
            _ = try? Raster.decode(Fixtures.bytes("profile-p3.jpg"))
            for bomb in try Bomb.all() {
                let idle = try Usage.now()
                Usage.forgetPeak()
                let picture = try? Picture.decode(bomb.bytes)
                let after = try Usage.now()
                #expect((picture == nil) == bomb.isRefused, "\(bomb.name)")
                #expect(after.peakKilobytes - idle.kilobytes < 64 << 10, "\(bomb.name)")
                #expect(after.milliseconds - idle.milliseconds < 1000, "\(bomb.name)")
                print(
                    bomb.name, after.peakKilobytes - idle.kilobytes, "kB", after.milliseconds - idle.milliseconds, "ms")
            }
        }
    }

    @Test("§3.75 a JPEG of ten thousand scans is refused before one is decoded")
    func scansByHeader() throws {
        let bytes = try Bomb.scans()
        #expect(imagingError { () throws(ImagingError) in try PictureHeader.read(bytes) } == .tooManyScans)
    }

    @Test("as many scans as the limit names pass the header")
    func scansAtLimit() throws {
        let bytes = try Bomb.scans(extra: Limits.maximumScans - Bomb.progressiveScans)
        #expect(try PictureHeader.read(bytes).width == 29)
    }

    @Test("the bytes of a start of scan inside a remark, or after the end, are no scans")
    func noScans() throws {
        let bytes = try Fixtures.bytes("progressive.jpg")
        let markers = Array(repeating: [0xFF, 0xDA, 0, 2] as [UInt8], count: 100).flatMap { $0 }
        let remark: [UInt8] = [0xFF, 0xFE, 0x01, 0x92] + markers
        let padded = bytes.prefix(2) + remark + bytes.dropFirst(2) + markers
        #expect(try Raster.decode(Array(padded)) == Raster.decode(bytes))
    }
}

/// A file made to cost more than it should.
private struct Bomb {
    let name: String
    let bytes: [UInt8]
    var isRefused = true

    /// Scans in the fixture progressive.jpg.
    static let progressiveScans = 10

    static func all() throws -> [Bomb] {
        let png = try Fixtures.bytes("rgba8-interlaced.png")
        let progressive = try Fixtures.bytes("progressive.jpg")
        return [
            Bomb(name: "PNG of 1 KB claiming 60000 × 60000", bytes: sized(png: png, 60_000, 60_000, bytes: 1024)),
            Bomb(name: "JPEG of 1 KB claiming 60000 × 60000", bytes: sized(jpeg: progressive, 60_000, 60_000)),
            Bomb(name: "interlaced PNG cut off, claiming the most", bytes: sized(png: png, 4096, 3072, bytes: 1024)),
            Bomb(name: "progressive JPEG cut off, claiming the most", bytes: sized(jpeg: progressive, 4096, 3072)),
            Bomb(name: "JPEG of ten thousand scans", bytes: try scans()),
            Bomb(name: "PNG data after the last row", bytes: try Fixtures.bytes("bomb-in-picture-data.png")),
            Bomb(name: "PNG profile", bytes: try Fixtures.bytes("bomb-in-profile.png"), isRefused: false),
            Bomb(name: "JPEG profile of 16 MB", bytes: profile(in: progressive), isRefused: false),
        ]
    }

    /// progressive.jpg with its first scan `extra` times more.
    static func scans(extra: Int = 10_000) throws -> [UInt8] {
        let bytes = try Fixtures.bytes("progressive.jpg")
        let start = try #require(bytes.firstRange(of: [0xFF, 0xDA])).lowerBound
        let end = try #require(bytes[(start + 2)...].firstRange(of: [0xFF, 0xC4])).lowerBound
        return Array(bytes[..<end]) + Array(repeating: bytes[start..<end], count: extra).joined() + bytes[end...]
    }

    private static func sized(png: [UInt8], _ width: Int, _ height: Int, bytes count: Int) -> [UInt8] {
        var bytes = Array(png.prefix(count))
        for (at, number) in [(16, width), (20, height)] {
            bytes.replaceSubrange(at..<at + 4, with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) })
        }
        bytes.replaceSubrange(29..<33, with: checksum(bytes[12..<29]))
        return bytes
    }

    private static func sized(jpeg: [UInt8], _ width: Int, _ height: Int) -> [UInt8] {
        var bytes = jpeg
        guard let frame = bytes.firstRange(of: [0xFF, 0xC2])?.lowerBound else { return [] }
        let numbers = [height >> 8, height, width >> 8, width].map { UInt8(truncatingIfNeeded: $0) }
        bytes.replaceSubrange(frame + 5..<frame + 9, with: numbers)
        return bytes
    }

    /// Every part that a profile may have, each as long as a segment can be.
    private static func profile(in jpeg: [UInt8]) -> [UInt8] {
        var bytes = Array(jpeg.prefix(2))
        for place in 1...UInt8.max {
            bytes += [0xFF, 0xE2, 0xFF, 0xFF] as [UInt8]
            bytes += Array("ICC_PROFILE\0".utf8)
            bytes += [place, 255] + [UInt8](repeating: 0, count: 65_519)
        }
        return bytes + jpeg.dropFirst(2)
    }

    /// CRC-32 as PNG chunks carry it.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: ~sum >> $0) }
    }
}

/// What this process has used.
private struct Usage {
    let kilobytes: Int, peakKilobytes: Int
    /// Processor time of all threads.
    let milliseconds: Int

    static func now() throws -> Usage {
        let status = String(decoding: try text("/proc/self/status"), as: UTF8.self)
        func number(_ key: String) throws -> Int {
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(key) })
            return try #require(Int(line.filter(\.isNumber)))
        }
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Usage(
            kilobytes: try number("VmRSS:"), peakKilobytes: try number("VmHWM:"),
            milliseconds: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    }

    /// Lets the peak begin at what is used now (proc(5), clear_refs).
    static func forgetPeak() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    private static func text(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }
}
