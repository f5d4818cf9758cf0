// Every limit of the evaluation, once.

/// The ranges that the metrics and the search accept.
public enum Limits {
    /// Least side of a picture for SSIM and for gradient structure: their window.
    package static let minimumStructureSide = 11
    /// Least side for FSIM: its two shorter wavelengths, 6 and 12 pixels, fit.
    package static let minimumFeatureSide = 16
    /// Least side for Scoot: with blocks of 4 × 4 some cell of the averaged counts is always above zero.
    package static let minimumScootSide = 16
    /// Least side of a pair that filters are fitted to: every metric of the search is defined.
    package static let minimumFilterSide = 16
    /// Trials that a search for a filter makes at least, however little time it is given.
    public static let minimumFilterTrials = 120
    /// Longest search for a filter, in seconds.
    package static let maximumFilterSeconds = 86_400.0
}
