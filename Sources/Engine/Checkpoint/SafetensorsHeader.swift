// The header of a safetensors file: parsed, and every claim in it checked against the file.
//
// Refused are: a length beyond the cap or the file, JSON with duplicate keys, unknown element types, shapes whose
// product overflows or disagrees with the byte range, and ranges that leave the data, overlap or leave holes.

struct SafetensorsHeader {
    static let lengthBytes = 8
    static let metadataKey = "__metadata__"

    private(set) var metadata: [String: String] = [:]
    private(set) var tensors: [String: SafetensorsFile.Entry] = [:]
    private let path: String
    private let dataStart: Int
    private let dataCount: Int

    init(_ file: UnsafeRawBufferPointer, path: String) throws(EngineError) {
        self.path = path
        guard file.count >= Self.lengthBytes else {
            throw EngineError.malformed(file: path, detail: "it ends before the header's length")
        }
        let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Limits.safetensorsHeaderBytes), Int(length) <= file.count - Self.lengthBytes else {
            throw EngineError.malformed(
                file: path, detail: "the header says it is \(length) bytes long, the file has \(file.count)")
        }
        dataStart = Self.lengthBytes + Int(length)
        dataCount = file.count - dataStart
        let text = UnsafeRawBufferPointer(rebasing: file[Self.lengthBytes..<dataStart])
        for (name, value) in try Self.members(text, path: path).sorted(by: { $0.key < $1.key }) {
            if name == Self.metadataKey {
                metadata = try metadata(value)
            } else {
                tensors[name] = try entry(name, value)
            }
        }
        try checkRangesTile()
    }

    private static func members(
        _ text: UnsafeRawBufferPointer, path: String
    ) throws(EngineError) -> [String: JSONValue] {
        let value: JSONValue
        do {
            value = try text.withMemoryRebound(to: UInt8.self) { (bytes) throws(JSONFault) in
                try JSONParser.parse(bytes)
            }
        } catch {
            throw EngineError.malformed(file: path, detail: "header, byte \(error.offset): \(error.detail)")
        }
        guard let members = value.object else {
            throw EngineError.malformed(file: path, detail: "the header is not a JSON object")
        }
        return members
    }

    private func metadata(_ value: JSONValue) throws(EngineError) -> [String: String] {
        guard let members = value.object else {
            throw EngineError.malformed(file: path, detail: "\(Self.metadataKey) is not an object")
        }
        var texts: [String: String] = [:]
        for (key, member) in members {
            guard let text = member.string else {
                throw EngineError.malformed(file: path, detail: "\(Self.metadataKey): '\(key)' is not a string")
            }
            texts[key] = text
        }
        return texts
    }

    private func entry(_ name: String, _ value: JSONValue) throws(EngineError) -> SafetensorsFile.Entry {
        func fault(_ detail: String) -> EngineError { .tensor(file: path, key: name, detail: detail) }
        guard let members = value.object, let typeName = members["dtype"]?.string,
            let shape = members["shape"]?.integers, let offsets = members["data_offsets"]?.integers,
            offsets.count == 2, members.count == 3
        else { throw fault("its header entry is not {dtype, shape, data_offsets}") }
        guard let type = ElementType(rawValue: typeName) else { throw fault("unknown element type \(typeName)") }
        guard shape.count <= Limits.tensorRank, shape.allSatisfy({ $0 >= 0 }) else {
            throw fault("the shape \(shape) is not possible")
        }
        guard let size = Self.byteCount(shape, type) else { throw fault("the shape \(shape) overflows") }
        guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= dataCount else {
            throw fault("its bytes \(offsets[0])..<\(offsets[1]) are not inside the data (\(dataCount) bytes)")
        }
        guard offsets[1] - offsets[0] == size else {
            throw fault("shape \(shape) of \(typeName) takes \(size) bytes, its range has \(offsets[1] - offsets[0])")
        }
        return SafetensorsFile.Entry(
            type: type, shape: shape, bytes: dataStart + offsets[0]..<dataStart + offsets[1])
    }

    private static func byteCount(_ shape: [Int], _ type: ElementType) -> Int? {
        var size = type.width
        for extent in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: extent)
            if overflow { return nil }
            size = product
        }
        return size
    }

    /// The format allows neither overlaps nor holes nor a tail.
    private func checkRangesTile() throws(EngineError) {
        var end = dataStart
        let ordered = tensors.sorted {
            ($0.value.bytes.lowerBound, $0.value.bytes.upperBound) < (
                $1.value.bytes.lowerBound, $1.value.bytes.upperBound
            )
        }
        for (name, entry) in ordered {
            guard entry.bytes.lowerBound == end else {
                let fault = entry.bytes.lowerBound < end ? "overlap those of another tensor" : "follow unclaimed bytes"
                throw EngineError.tensor(file: path, key: name, detail: "its bytes \(fault)")
            }
            end = entry.bytes.upperBound
        }
        guard end == dataStart + dataCount else {
            throw EngineError.malformed(
                file: path, detail: "\(dataStart + dataCount - end) bytes at the end belong to no tensor")
        }
    }
}
