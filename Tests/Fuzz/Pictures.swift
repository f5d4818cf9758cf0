// Pictures: the format is recognised, the header read, and a small one decoded. `scripts/fuzz-picture` compiles this with
// the files of LimnerImaging, as one module; the seeds are the pictures of Tests/Fixtures and of Corpus/picture.

/// Larger pictures are left at their header: the decoders' time for them tells nothing new.
private let largestDecoded = 1 << 16

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPicture(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let header = try? PictureHeader.read(bytes)
    guard let header else {
        // what the header refuses, decoding must refuse too
        precondition((try? Picture.decode(bytes)) == nil, "decoded without a header")
        return 0
    }
    guard header.width * header.height <= largestDecoded else { return 0 }
    if let picture = try? Picture.decode(bytes) {
        precondition(picture.raster.width == header.width && picture.raster.height == header.height, "another size")
        precondition(picture.raster.pixels.count == 3 * header.width * header.height, "another number of samples")
        // neither uninitialised memory nor leftovers of another picture may show
        precondition((try? Picture.decode(bytes)) == picture, "decoded twice, with two results")
    }
    _ = try? Raster.decode(bytes, atLeast: 8)
    return 0
}
