// The element types of the safetensors format and their conversion to Float.
//
// The half-precision loops are bit arithmetic on whole words so that the compiler vectorises them: converting a
// model of 860 million values is part of every start.

/// How the numbers of a tensor are stored. Raw values are the format's own names.
package enum ElementType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case u8 = "U8"
    case i8 = "I8"
    case f8e5m2 = "F8_E5M2"
    case f8e4m3 = "F8_E4M3"
    case i16 = "I16"
    case u16 = "U16"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case u32 = "U32"
    case f32 = "F32"
    case f64 = "F64"
    case i64 = "I64"
    case u64 = "U64"

    /// Bytes per element.
    package var width: Int {
        switch self {
        case .bool, .u8, .i8, .f8e5m2, .f8e4m3: 1
        case .i16, .u16, .f16, .bf16: 2
        case .i32, .u32, .f32: 4
        case .f64, .i64, .u64: 8
        }
    }

    /// Whether tensors of this type are read as weights.
    package var isReadable: Bool { self == .f32 || self == .f16 || self == .bf16 }
}

/// Little-endian stored numbers to Float. `source` need not be aligned and holds `target.count` elements.
enum ElementConversion {
    static func copyFloats(_ source: UnsafeRawPointer, _ target: UnsafeMutableBufferPointer<Float>) {
        UnsafeMutableRawBufferPointer(target).copyMemory(
            from: UnsafeRawBufferPointer(start: source, count: target.count * 4))
    }

    /// bfloat16 is the upper half of a Float.
    static func widenBrainFloats(_ source: UnsafeRawPointer, _ target: UnsafeMutableBufferPointer<Float>) {
        for index in target.indices {
            let half = source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
            target[index] = Float(bitPattern: UInt32(half) << 16)
        }
    }

    /// IEEE binary16: exponent and mantissa move up 13 bits, and a product with 2^112 corrects the bias, exactly,
    /// for subnormal numbers too. Infinities and NaN get their exponent filled afterwards.
    static func widenHalves(_ source: UnsafeRawPointer, _ target: UnsafeMutableBufferPointer<Float>) {
        let bias = Float(sign: .plus, exponent: 112, significand: 1)
        for index in target.indices {
            let half = UInt32(source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
            var bits = (Float(bitPattern: (half & 0x7FFF) << 13) * bias).bitPattern
            bits |= half & 0x7C00 == 0x7C00 ? 0x7F80_0000 : 0
            target[index] = Float(bitPattern: bits | (half & 0x8000) << 16)
        }
    }
}
