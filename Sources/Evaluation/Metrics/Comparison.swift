// What two pictures must have in common before a metric looks at them.

/// Holds two pictures to one size of at least `minimum` on a side.
///
/// - Throws: ``EvaluationError/sizesDiffer(width:height:otherWidth:otherHeight:)`` or
///   ``EvaluationError/tooSmall(what:width:height:minimum:)``.
func requireComparable(
    _ a: GrayImage, _ b: GrayImage, minimum: Int, for what: String
) throws(EvaluationError) {
    guard a.width == b.width, a.height == b.height else {
        throw .sizesDiffer(width: a.width, height: a.height, otherWidth: b.width, otherHeight: b.height)
    }
    guard min(a.width, a.height) >= minimum else {
        throw .tooSmall(what: what, width: a.width, height: a.height, minimum: minimum)
    }
}
