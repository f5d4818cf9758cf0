internal import LimnerProtocol

/// `traceparent` of W3C Trace Context §3.2: which distributed trace a request belongs to.
///
///     version "-" trace-id (32 hex) "-" parent-id (16 hex) "-" trace-flags (2 hex)
///
/// The trace's id goes into the log. The service calls nobody, so it passes none on, and the Recommendation defines no
/// field for answers. A value that is not valid is ignored (§3.2.2.5, §4.2).
package struct TraceParent: Sendable, Equatable {
    /// 32 lower-case hexadecimal digits, not all zero.
    package let traceID: String
    /// 16 lower-case hexadecimal digits, not all zero: the caller's span.
    package let parentID: String

    package init?(_ value: [UInt8]) {
        let dash = UInt8(ascii: "-")
        guard value.count >= 55, value[2] == dash, value[35] == dash, value[52] == dash,
            let version = Self.hexadecimal(value[..<2]), version != "ff",
            let trace = Self.hexadecimal(value[3..<35]), trace.contains(where: { $0 != "0" }),
            let parent = Self.hexadecimal(value[36..<52]), parent.contains(where: { $0 != "0" }),
            Self.hexadecimal(value[53..<55]) != nil
        else { return nil }
        // A later version may have more behind a dash; this one has not.
        guard value.count == 55 || (version != "00" && value[55] == dash) else { return nil }
        (traceID, parentID) = (trace, parent)
    }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String? {
        let isLower = bytes.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return isLower ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// The trace of a request; nil when none is named, or more than one.
    init?(_ fields: HeaderFields) {
        let given = fields.values("traceparent")
        guard given.count == 1 else { return nil }
        self.init(given[0])
    }
}
