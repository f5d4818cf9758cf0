// The probe curves of one family as a small SVG: whether tuning went down, and where it stopped, at a glance.
import Foundation

/// Loss over steps, one line for each pair.
public struct ProbePlot {
    private let curves: [(name: String, points: [CurvePoint])]
    private static let (width, height, margin) = (560.0, 300.0, 48.0)
    private static let colours = ["#1b6ca8", "#c8553d", "#3c8d53", "#8a5aa8", "#b8860b", "#444444"]

    /// The curves of a family; those without points are left out.
    public init(_ family: FamilyReport) {
        curves = family.pairs.compactMap { pair in
            pair.lesson.flatMap { $0.curve.isEmpty ? nil : (pair.name, $0.curve) }
        }
    }

    /// The picture; nil when there is no curve.
    public var svg: String? {
        let points = curves.flatMap(\.points)
        guard let low = points.map(\.loss).min(), let high = points.map(\.loss).max(),
            let last = points.map(\.step).max()
        else { return nil }
        let lines = curves.enumerated().map { index, curve in
            let places = curve.points.map { point in
                let x = Self.place(Double(point.step), 0, Double(last), Self.margin, Self.width - Self.margin)
                let y = Self.place(point.loss, low, high, Self.height - Self.margin, Self.margin)
                return String(format: "%.1f,%.1f", x, y)
            }
            let colour = Self.colours[index % Self.colours.count]
            return "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\" "
                + "points=\"\(places.joined(separator: " "))\"><title>\(Self.escaped(curve.name))</title></polyline>"
        }
        return ([Self.opening] + Self.axes(low, high, last) + lines + ["</svg>", ""]).joined(separator: "\n")
    }

    private static let opening = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" font-family="sans-serif" \
        font-size="12" fill="#333">
        <rect width="100%" height="100%" fill="white"/>
        """

    private static func axes(_ low: Double, _ high: Double, _ last: Int) -> [String] {
        let (left, right, top, bottom) = (margin, width - margin, margin, height - margin)
        return [
            "<path d=\"M\(left) \(top)V\(bottom)H\(right)\" fill=\"none\" stroke=\"#999\"/>",
            "<text x=\"\(left - 6)\" y=\"\(top + 4)\" text-anchor=\"end\">\(Numbers.plain(high))</text>",
            "<text x=\"\(left - 6)\" y=\"\(bottom + 4)\" text-anchor=\"end\">\(Numbers.plain(low))</text>",
            "<text x=\"\(right)\" y=\"\(bottom + 18)\" text-anchor=\"end\">\(last) steps</text>",
            "<text x=\"\(left)\" y=\"\(top - 16)\">loss on the fixed probe</text>",
        ]
    }

    private static func place(_ value: Double, _ low: Double, _ high: Double, _ from: Double, _ to: Double) -> Double {
        high > low ? from + (value - low) / (high - low) * (to - from) : from
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
