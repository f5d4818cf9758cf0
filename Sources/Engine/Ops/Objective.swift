// The loss of tuning: the mean squared error and its gradient, which is where reverse mode starts.

extension Tensor {
    /// mean((x − target)²), summed in double.
    package func meanSquaredError(_ target: Tensor) -> Double {
        precondition(count == target.count, "\(shape) and \(target.shape) cannot be compared")
        var sum = 0.0
        for i in 0..<count {
            let difference = Double(pointer[i]) - Double(target.pointer[i])
            sum += difference * difference
        }
        return sum / Double(count)
    }

    /// weight · d mean((x − target)²)/dx = weight · 2 (x − target)/count.
    package func meanSquaredErrorGradient(_ target: Tensor, weight: Float = 1) -> Tensor {
        let gradient = Tensor(uninitialized: shape)
        let factor = 2 * weight / Float(count)
        for i in 0..<count { gradient.pointer[i] = factor * (pointer[i] - target.pointer[i]) }
        return gradient
    }
}
