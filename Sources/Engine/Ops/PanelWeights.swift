// The weights of a layer as its products read them: packed into panels for the kernels of include/Panels.h where the CPU
// has them, or as they are for OpenBLAS where it has not.
import CKernels

/// A layer's weights, [outputs, kernel, kernel, inputs] or [outputs, inputs].
package enum LayerWeights {
    /// For OpenBLAS.
    case plain(Tensor)
    case panels(PanelWeights)

    /// Packs the weights that `read` gives, [outputs, taps, inputs] in any shape of that order, for `options`; or takes them
    /// as they are in `place`.
    /// - Throws: `EngineError.setting` when the CPU cannot multiply in the precision asked for, and what `read` throws.
    init(
        outputs: Int, inputs: Int, taps: Int = 1, _ options: EngineOptions, place: PanelPlace? = nil,
        read: () throws(EngineError) -> Tensor
    ) throws(EngineError) {
        if let table = Self.table(options) {
            self = .panels(
                try PanelWeights(
                    outputs: outputs, inputs: inputs, taps: taps, table, options, place: place, read: read))
        } else if options.precision == .f32 {
            self = .plain(try read())
        } else {
            throw .setting(
                name: "precision", detail: "bf16 needs a CPU with AVX512-BF16, which this one has not; choose f32")
        }
    }

    /// Packs a 3×3 kernel [outputs, 3, 3, inputs] for Winograd's convolution.
    package init(winograd kernel: Tensor, _ options: EngineOptions) throws(EngineError) {
        try self.init(Winograd.transformed(kernel), taps: Winograd.taps, options)
    }

    /// Packs `weight` [outputs, .., inputs].
    package init(_ weight: Tensor, taps: Int = 1, _ options: EngineOptions) throws(EngineError) {
        let (outputs, inputs) = (weight.shape[0], weight.count / weight.shape[0] / taps)
        try self.init(outputs: outputs, inputs: inputs, taps: taps, options) { weight }
    }

    /// The kernels that `options` ask for, nil where there are none for its precision.
    private static func table(_ options: EngineOptions) -> UnsafePointer<limner_panels>? {
        switch options.panels {
        case .none: nil
        case .best: limner_panels_best(options.precision.width)
        case .named(let name): tables(options.precision).first { String(cString: $0.pointee.name) == name }
        }
    }

    private static func tables(_ precision: Precision) -> [UnsafePointer<limner_panels>] {
        (0..<limner_panels_count()).compactMap(limner_panels_at).filter { $0.pointee.element == precision.width }
    }

    /// The names of this CPU's kernels for a precision, the best last.
    package static func kernelNames(_ precision: Precision) -> [String] {
        tables(precision).map { String(cString: $0.pointee.name) }
    }

    /// What the products with `options` are called; nil when they are OpenBLAS's.
    package static func kernelName(_ options: EngineOptions) -> String? {
        table(options).map { String(cString: $0.pointee.name) }
    }

    /// Tells packed weights apart.
    var identity: ObjectIdentifier? {
        if case .panels(let panels) = self { ObjectIdentifier(panels) } else { nil }
    }
}

/// Where a layer's packed weights are in a file of them, or go to.
struct PanelPlace {
    let cache: PanelCache
    let name: String
}

/// Packed weights.
package final class PanelWeights: @unchecked Sendable {
    let table: limner_panels
    let outputs: Int
    let inputs: Int
    let taps: Int
    let element: Precision
    /// `panels` panels of `panelBytes`.
    let memory: UnsafeMutableRawPointer
    /// What a tap outside the map points at: zeros for the longer of an input's and an output's row.
    let zeros: UnsafeMutableRawPointer
    /// The file that the memory is a part of.
    private let cache: PanelCache?

    static let panelWidth = Int(LIMNER_PANEL_WIDTH)
    private static let alignment = 64

    init(
        outputs: Int, inputs: Int, taps: Int, _ table: UnsafePointer<limner_panels>, _ options: EngineOptions,
        place: PanelPlace?, read: () throws(EngineError) -> Tensor
    ) throws(EngineError) {
        (self.table, self.taps, self.outputs, self.inputs) = (table.pointee, taps, outputs, inputs)
        element = options.precision
        let bytes = table.pointee.panel_values(inputs, taps) * element.width
        let panels = (outputs + Self.panelWidth - 1) / Self.panelWidth
        let found = place?.cache.find(place?.name ?? "", bytes: panels * bytes)
        let made = found == nil ? place?.cache.place(place?.name ?? "", bytes: panels * bytes) : nil
        cache = found == nil && made == nil ? nil : place?.cache
        memory = found ?? made ?? .allocate(byteCount: panels * bytes, alignment: Self.alignment)
        let zeroBytes = (max(outputs, inputs) + 1) * element.width
        zeros = .allocate(byteCount: zeroBytes, alignment: Self.alignment)
        zeros.initializeMemory(as: UInt8.self, repeating: 0, count: zeroBytes)
        guard found == nil else { return }
        let (weight, target) = (try read(), UInt(bitPattern: memory))
        precondition(weight.count == outputs * taps * inputs, "\(weight.shape) are no weights of this layer")
        Pass(options).parallel(panels, grain: 1) { range in
            for panel in range {
                table.pointee.pack(
                    weight.pointer, taps * inputs, inputs, outputs, inputs, taps, panel,
                    UnsafeMutableRawPointer(bitPattern: target + UInt(panel * bytes)))
            }
        }
    }

    deinit {
        if cache == nil { memory.deallocate() }
        zeros.deallocate()
    }

    var panels: Int { (outputs + Self.panelWidth - 1) / Self.panelWidth }
    var panelBytes: Int { table.panel_values(inputs, taps) * element.width }

    /// The width of a row that is fed in: whole steps of the kernels.
    func fed(_ width: Int) -> Int { element == .bf16 ? (width + 1) / 2 * 2 : width }
}
