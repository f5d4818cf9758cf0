// What a codec said when it gave up, turned into this module's error.

internal import CCodecs

/// The buffer into which a codec copies its message.
struct CodecMessage {
    var characters = [CChar](repeating: 0, count: Int(CODEC_MESSAGE_LENGTH))

    var text: String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// - Throws: the error that `result` stands for; nothing when it is `done`.
    func check(_ result: CodecResult, _ format: PictureFormat) throws(ImagingError) {
        switch result {
        case .done: return
        case .truncated: throw .truncated(format)
        case .damaged: throw .damaged(format, detail: text)
        case .tooManyScans: throw .tooManyScans
        case .outOfMemory: throw .outOfMemory(format)
        }
    }
}
