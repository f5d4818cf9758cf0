// From a prompt to the token ids that the text tower reads: CLIP's byte-level byte-pair encoding.
//
// Follows `CLIPTokenizer` of transformers 5 (models/clip/tokenization_clip.py, which differs from OpenAI's own code in
// that it neither repairs text with ftfy nor unescapes HTML).

/// A CLIP tokenizer. Equal prompts give equal ids as with transformers.
public struct CLIPTokenizer: Sendable {
    /// How many ids `encode` gives.
    public let maximumLength: Int
    /// The ids of the tokens that begin and end each prompt.
    public let startID: Int32
    public let endID: Int32
    private let vocabulary: CLIPVocabulary
    private let merges: BytePairMerges
    /// Texts that are tokens wherever they stand in a prompt.
    private let specials: [CLIPVocabulary.Special]

    private static let endOfWord = "</w>"

    /// Reads `vocab.json` and `merges.txt`, or `tokenizer.json`, in `folder`.
    ///
    /// - Throws: `EngineError` naming the file that is missing or damaged.
    public init(folder: String) throws(EngineError) {
        vocabulary = try CLIPVocabulary(folder: folder)
        merges = BytePairMerges(vocabulary.merges, vocabulary: vocabulary.ids)
        specials = [vocabulary.start, vocabulary.end]
        maximumLength = vocabulary.maximumLength
        startID = vocabulary.start.id
        endID = vocabulary.end.id
    }

    /// The largest id that `encode` can give: the text tower's table must have a row for it.
    public var largestID: Int32 { vocabulary.ids.values.max() ?? 0 }

    /// Exactly `maximumLength` ids: start, the prompt's tokens cut to fit, end, padding.
    public func encode(_ text: String) -> [Int32] {
        let ids = [startID] + tokens(text).prefix(maximumLength - 2) + [endID]
        return ids + repeatElement(vocabulary.padding.id, count: maximumLength - ids.count)
    }

    /// The prompt's own tokens, without start, end and padding, however many.
    public func tokens(_ text: String) -> [Int32] {
        let bytes = Array(text.utf8)
        var ids: [Int32] = []
        var plainStart = 0
        var position = 0
        while position < bytes.count {
            guard let special = specials.first(where: { bytes[position...].starts(with: $0.text.utf8) }) else {
                position += 1
                continue
            }
            ids += plainTokens(bytes[plainStart..<position]) + [special.id]
            position += special.text.utf8.count
            plainStart = position
        }
        return ids + plainTokens(bytes[plainStart...])
    }

    private func plainTokens(_ text: ArraySlice<UInt8>) -> [Int32] {
        CLIPPattern.words(CLIPPattern.normalized(String(decoding: text, as: UTF8.self))).flatMap(wordTokens)
    }

    private func wordTokens(_ word: ArraySlice<Unicode.Scalar>) -> [Int32] {
        var symbols = ByteAlphabet.characters(word)
        symbols[symbols.count - 1] += Self.endOfWord
        return merges.apply(to: symbols.map { vocabulary.ids[$0] ?? vocabulary.unknown.id })
    }
}
