// What the kernel says of this process and of the machine around it, from /proc: processor time, peak memory, start.
import Foundation
import Glibc

/// Processor time so far: this process's, and what all cores together were kept busy with.
struct ProcessorTime {
    /// Seconds of this process, user and system.
    let own: Double
    /// Seconds that any core worked, for whoever.
    let busy: Double
    /// Seconds that another machine on the same host had.
    let stolen: Double

    static func now() throws -> ProcessorTime {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let own = [usage.ru_utime, usage.ru_stime].reduce(0.0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
        // cpu user nice system idle iowait irq softirq steal
        let line = try Proc.text("/proc/stat").prefix { $0 != "\n" }
        let ticks = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard ticks.count >= 8 else { throw StudioError.file(path: "/proc/stat", detail: "has no line of all cores") }
        let worked = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]
        return ProcessorTime(own: own, busy: worked / Proc.ticksPerSecond, stolen: ticks[7] / Proc.ticksPerSecond)
    }
}

/// This process as the kernel accounts for it.
enum ProcessAccount {
    /// The most memory it has held since `forgetPeak`, MiB (VmHWM).
    static func peakMiB() throws -> Double {
        let lines = try Proc.text("/proc/self/status").split(separator: "\n")
        let fields = lines.first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: \.isWhitespace) ?? []
        guard fields.count >= 2, let kib = Double(fields[1]) else {
            throw StudioError.file(path: "/proc/self/status", detail: "has no VmHWM")
        }
        return kib / 1024
    }

    /// Lets the peak begin anew from what is held now; false where the kernel does not allow it.
    static func forgetPeak() -> Bool {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return false }
        let written = fputs("5", file) >= 0
        return fclose(file) == 0 && written
    }

    /// Seconds since this process was started, to the kernel's tick (10 ms).
    static func age() throws -> Double {
        // the command's name, the second field, may hold spaces and brackets itself
        let fields = try Proc.text("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19, let ticks = Double(fields[19]) else {
            throw StudioError.file(path: "/proc/self/stat", detail: "has no start time")
        }
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - ticks / Proc.ticksPerSecond
    }
}

/// Reading /proc.
private enum Proc {
    static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

    static func text(_ path: String) throws(StudioError) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw .file(path: path, detail: "cannot be read: \(error)")
        }
    }
}
