// Writing a safetensors file so that a reader sees the old file or the new one, never half of it.

import Foundation
import Glibc

extension SafetensorsFile {
    /// Writes F32 tensors, in the given order, with `metadata` in the header.
    ///
    /// The bytes go to a temporary file in the same folder, are synced, and take the name `path` by renaming; the
    /// folder is synced last. The header is padded with spaces to a multiple of 8 bytes, as the format advises.
    ///
    /// - Throws: `EngineError.setting` when names repeat or a shape does not fit its values, `.unwritable`.
    package static func write(
        _ tensors: [(name: String, shape: [Int], values: [Float])], metadata: [String: String], to path: String
    ) throws(EngineError) {
        let header = try headerBytes(tensors, metadata)
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).part"
        do throws(EngineError) {
            try writeNew(temporary, header, tensors.map(\.values))
            guard rename(temporary, path) == 0 else { throw unwritable(path) }
        } catch {
            unlink(temporary)
            throw error
        }
        try syncFolder(of: path)
    }

    private static func writeNew(_ path: String, _ header: [UInt8], _ tensors: [[Float]]) throws(EngineError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw unwritable(path) }
        defer { close(descriptor) }
        try writeAll(header, descriptor, path)
        for values in tensors { try writeAll(values.map(\.bitPattern.littleEndian), descriptor, path) }
        guard fsync(descriptor) == 0 else { throw unwritable(path) }
    }

    private static func headerBytes(
        _ tensors: [(name: String, shape: [Int], values: [Float])], _ metadata: [String: String]
    ) throws(EngineError) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            members.append("\(quoted(SafetensorsHeader.metadataKey)):{\(pairs.joined(separator: ","))}")
        }
        var names: Set<String> = [SafetensorsHeader.metadataKey]
        var offset = 0
        for (name, shape, values) in tensors {
            guard names.insert(name).inserted else {
                throw EngineError.setting(name: name, detail: "the name of a tensor is taken")
            }
            guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == values.count else {
                throw EngineError.setting(name: name, detail: "\(values.count) values do not fill the shape \(shape)")
            }
            let end = offset + 4 * values.count
            members.append(
                "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape.map(String.init).joined(separator: ","))],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var json = Array("{\(members.joined(separator: ","))}".utf8)
        json.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
        return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{00}"..."\u{1F}":
                let hexadecimal = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func writeAll<Element: BitwiseCopyable>(
        _ elements: [Element], _ descriptor: Int32, _ path: String
    ) throws(EngineError) {
        try elements.withUnsafeBufferPointer { (buffer) throws(EngineError) in
            var rest = UnsafeRawBufferPointer(buffer)[...]
            while !rest.isEmpty {
                let chunk = UnsafeRawBufferPointer(rebasing: rest)
                let count = Glibc.write(descriptor, chunk.baseAddress, chunk.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw unwritable(path) }
                rest = rest.dropFirst(count)
            }
        }
    }

    private static func syncFolder(of path: String) throws(EngineError) {
        let folder = (path as NSString).deletingLastPathComponent
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unwritable(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw unwritable(path) }
    }

    private static func unwritable(_ path: String) -> EngineError {
        .unwritable(file: path, detail: String(cString: strerror(errno)))
    }
}
