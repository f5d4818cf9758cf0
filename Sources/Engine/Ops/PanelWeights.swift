// The weights of a layer as its products read them: packed into panels for the kernels of include/Panels.h where the CPU
// has them, or as they are for OpenBLAS where it has not.
import CKernels
import Glibc

/// A layer's weights, [outputs, kernel, kernel, inputs] or [outputs, inputs].
package enum LayerWeights {
    /// For OpenBLAS.
    case plain(Tensor)
    case panels(PanelWeights)

    /// Packs `weight` for `options`.
    /// - Parameter taps: kernel positions; the rest of a row are inputs.
    /// - Throws: `EngineError.setting` when the CPU cannot multiply in the precision asked for.
    package init(_ weight: Tensor, taps: Int = 1, _ options: EngineOptions) throws(EngineError) {
        if let table = limner_panels(options.precision) {
            self = .panels(PanelWeights(weight, taps: taps, table, options))
        } else if options.precision == .f32 {
            self = .plain(weight)
        } else {
            throw .setting(
                name: "precision", detail: "bf16 needs a CPU with AVX512-BF16, which this one has not; choose f32")
        }
    }

    var outputs: Int {
        switch self {
        case .plain(let tensor): tensor.shape[0]
        case .panels(let panels): panels.outputs
        }
    }
}

/// The kernels for a precision on this CPU.
private func limner_panels(_ precision: Precision) -> UnsafePointer<limner_panels>? {
    precision == .f32 ? limner_panels_f32() : limner_panels_bf16()
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

    static let panelWidth = Int(LIMNER_PANEL_WIDTH)
    private static let alignment = 64

    init(_ weight: Tensor, taps: Int, _ table: UnsafePointer<limner_panels>, _ options: EngineOptions) {
        let (outputs, inputs) = (weight.shape[0], weight.count / weight.shape[0] / taps)
        (self.table, self.taps, self.outputs, self.inputs) = (table.pointee, taps, outputs, inputs)
        element = options.precision
        let width = element.width
        zeros = .allocate(byteCount: (max(outputs, inputs) + 1) * width, alignment: Self.alignment)
        zeros.initializeMemory(as: UInt8.self, repeating: 0, count: (max(outputs, inputs) + 1) * width)
        let bytes = table.pointee.panel_values(inputs, taps) * width
        let panels = (outputs + Self.panelWidth - 1) / Self.panelWidth
        memory = .allocate(byteCount: panels * bytes, alignment: Self.alignment)
        Pass(options).parallel(panels, grain: 1) { range in
            for panel in range {
                table.pointee.pack(
                    weight.pointer, taps * inputs, inputs, outputs, inputs, taps, panel, memory + panel * bytes)
            }
        }
    }

    deinit {
        memory.deallocate()
        zeros.deallocate()
    }

    var panels: Int { (outputs + Self.panelWidth - 1) / Self.panelWidth }
    var panelBytes: Int { table.panel_values(inputs, taps) * element.width }

    /// The width of a row that is fed in: whole steps of the kernels.
    func fed(_ width: Int) -> Int { element == .bf16 ? (width + 1) / 2 * 2 : width }
}
