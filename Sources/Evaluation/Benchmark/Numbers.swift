// Numbers as the report prints them.
import Foundation

enum Numbers {
    /// Digits behind the point of a metric.
    private static let digits = 3

    static func plain(_ value: Double) -> String { String(format: "%.\(digits)f", value) }

    static func signed(_ value: Double) -> String { String(format: "%+.\(digits)f", value) }

    static func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }

    static func seconds(_ value: Double) -> String { String(format: "%.1f s", value) }

    /// Mean ± deviation, or the mean alone.
    static func spread(_ spread: Spread) -> String {
        plain(spread.mean) + (spread.deviation.map { " ± " + plain($0) } ?? "")
    }
}
