// A safetensors file, mapped into memory and checked before any of it is believed.
//
// Layout: a little-endian u64 header length, that many bytes of JSON, then the tensors' bytes. The header is checked
// whole on opening (see SafetensorsHeader.swift), so reading a tensor afterwards cannot leave the file.
// Sources: huggingface/safetensors README and safetensors/src/tensor.rs.

import Foundation

/// An opened safetensors file. Reading converts F32, F16 and BF16 tensors to Float.
///
/// The mapping is private and read-only; pages leave memory again after each tensor has been read. The file must not
/// be cut short by another process while it is open.
package struct SafetensorsFile: Sendable {
    /// What the header says of one tensor; `bytes` counts from the start of the file.
    package struct Entry: Equatable, Sendable {
        package let type: ElementType
        package let shape: [Int]
        package let bytes: Range<Int>
        /// The product of the shape.
        package var count: Int { bytes.count / type.width }
    }

    package let path: String
    package let metadata: [String: String]
    package let tensors: [String: Entry]
    private let mapping: Mapping

    /// Maps the file and checks its header.
    ///
    /// - Throws: `EngineError.unreadable` or `.malformed`, `.tensor` when one entry of the header is wrong.
    package init(path: String) throws(EngineError) {
        mapping = try Mapping(path: path)
        let header = try SafetensorsHeader(mapping.bytes, path: path)
        self.path = path
        metadata = header.metadata
        tensors = header.tensors
    }

    /// The number of values in all tensors.
    package var parameterCount: Int { tensors.values.reduce(0) { $0 + $1.count } }

    /// Reads a tensor into `target`, which holds exactly as many values as the tensor.
    ///
    /// - Throws: `EngineError.tensor` when there is no such tensor or its type is not a readable float type.
    package func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws(EngineError) {
        let entry = try readable(name)
        guard target.count == entry.count else {
            throw fault(name, "it holds \(entry.count) values, room was made for \(target.count)")
        }
        convert(entry, into: target)
        mapping.release(entry.bytes)
    }

    /// The values of a tensor in row-major order.
    package func floats(_ name: String) throws(EngineError) -> [Float] {
        let entry = try readable(name)
        defer { mapping.release(entry.bytes) }
        return [Float](unsafeUninitializedCapacity: entry.count) { target, count in
            convert(entry, into: UnsafeMutableBufferPointer(rebasing: target[..<entry.count]))
            count = entry.count
        }
    }

    /// Reads `target.count` values of a tensor, from value `first` on.
    func read(_ name: String, from first: Int, into target: UnsafeMutableBufferPointer<Float>) throws(EngineError) {
        let entry = try readable(name)
        guard first >= 0, first + target.count <= entry.count else {
            throw fault(name, "it holds \(entry.count) values; \(target.count) were asked for from \(first) on")
        }
        convert(entry, from: first, into: target)
    }

    /// The values of an I32 tensor: token ids in test fixtures.
    package func integers(_ name: String) throws(EngineError) -> [Int32] {
        guard let entry = tensors[name] else { throw fault(name, "missing") }
        guard entry.type == .i32 else { throw fault(name, "its type is \(entry.type.rawValue), I32 is needed") }
        return (0..<entry.count).map {
            Int32(
                littleEndian: mapping.bytes.loadUnaligned(
                    fromByteOffset: entry.bytes.lowerBound + 4 * $0, as: Int32.self))
        }
    }

    /// Lets go of all pages; what is read later comes back from the file.
    func rest() { mapping.release(0..<mapping.bytes.count) }

    private func fault(_ name: String, _ detail: String) -> EngineError {
        .tensor(file: path, key: name, detail: detail)
    }

    fileprivate func readable(_ name: String) throws(EngineError) -> Entry {
        guard let entry = tensors[name] else { throw fault(name, "missing") }
        guard entry.type.isReadable else {
            throw fault(name, "its type is \(entry.type.rawValue); F32, F16 and BF16 are read")
        }
        return entry
    }

    private func convert(_ entry: Entry, from first: Int = 0, into target: UnsafeMutableBufferPointer<Float>) {
        guard entry.count > 0, let start = mapping.bytes.baseAddress else { return }
        let source = start + entry.bytes.lowerBound + first * entry.type.width
        switch entry.type {
        case .f16: ElementConversion.widenHalves(source, target)
        case .bf16: ElementConversion.widenBrainFloats(source, target)
        default: ElementConversion.copyFloats(source, target)
        }
    }
}

/// A matrix of a file whose rows are read when they are needed: of a vocabulary a sentence needs few.
struct StoredRows: Sendable {
    private let file: SafetensorsFile
    private let name: String
    private let width: Int

    /// - Throws: `EngineError.tensor` when the matrix cannot be read.
    init(_ file: SafetensorsFile, _ name: String, width: Int) throws(EngineError) {
        (self.file, self.name, self.width) = (file, name, width)
        _ = try file.readable(name)
    }

    /// Row number `index`, which must be one of the matrix.
    subscript(_ index: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: width) { row, count in
            do {
                try file.read(name, from: index * width, into: UnsafeMutableBufferPointer(rebasing: row[..<width]))
            } catch {
                preconditionFailure("\(error)")
            }
            count = width
        }
    }
}

/// A read-only private mapping of a whole file.
private final class Mapping: Sendable {
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    init(path: String) throws(EngineError) {
        let file = try ReadOnlyFile(path: path)
        guard file.size >= SafetensorsHeader.lengthBytes else {
            throw EngineError.malformed(file: path, detail: "\(file.size) bytes are too few for a safetensors file")
        }
        guard let start = mmap(nil, file.size, PROT_READ, MAP_PRIVATE, file.descriptor, 0), start != MAP_FAILED else {
            throw EngineError.unreadable(file: path, detail: "it cannot be mapped: \(String(cString: strerror(errno)))")
        }
        madvise(start, file.size, Int32(MADV_SEQUENTIAL))
        bytes = UnsafeRawBufferPointer(start: start, count: file.size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    /// Lets go of the whole pages within `range`; they come back from the file when touched again.
    func release(_ range: Range<Int>) {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard end > first, let start = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, Int32(MADV_DONTNEED))
    }
}
