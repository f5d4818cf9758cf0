// The instructions of a batch and the images they are for. Branches of guidance that see the same image are one image until
// the first cross-attention, where their instructions begin to differ: what comes before is computed once.

/// One instruction for every result of a pass.
struct Instructions {
    /// [results, tokens, width].
    let rows: Tensor
    /// For each result the image it is made from.
    let images: [Int]

    /// A map of the images, [images, ..], as one of the results; one of the results as it is.
    func spread(_ x: Tensor, _ pass: Pass) -> Tensor {
        x.shape[0] == images.count ? x : pass.gather(x, images)
    }
}
