// How CLIP cuts a prompt into words before byte-pair encoding.
//
// The pattern of transformers' tokenization_clip.py is
//   <|startoftext|> | <|endoftext|> | 's | 't | 're | 've | 'm | 'll | 'd | \p{L}+ | \p{N} | [^\s\p{L}\p{N}]+
// on text that is NFC, lower-cased and has its runs of white space replaced by one space. The first two are met only
// where lower-casing made them, and are cut again by the byte-level step, into "<|", the letters and "|>".
// Written as a scan: there are no look-arounds, and the standard library's regular expressions are far slower.

import Foundation

enum CLIPPattern {
    private static let brackets = ["<|startoftext|>", "<|endoftext|>"].map { Array($0.unicodeScalars) }
    private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.unicodeScalars) }

    /// NFC, white space to single spaces, then each scalar's own lower case (without rules that look at neighbours).
    static func normalized(_ text: String) -> [Unicode.Scalar] {
        let composed = text.precomposedStringWithCanonicalMapping.unicodeScalars
        return composed.flatMap {
            $0.properties.isWhitespace ? [" "] : Array($0.properties.lowercaseMapping.unicodeScalars)
        }
    }

    /// The words of normalised text, without the white space between them.
    static func words(_ text: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
        var words: [ArraySlice<Unicode.Scalar>] = []
        var rest = text[...]
        func cut(_ length: Int) {
            if length > 0 { words.append(rest.prefix(length)) }
            rest = rest.dropFirst(max(length, 1))
        }
        while let first = rest.first {
            if let bracket = brackets.first(where: { rest.starts(with: $0) }) {
                [2, bracket.count - 4, 2].forEach(cut)
            } else {
                cut(wordLength(rest, first))
            }
        }
        return words
    }

    private static func wordLength(_ text: ArraySlice<Unicode.Scalar>, _ first: Unicode.Scalar) -> Int {
        if first.properties.isWhitespace { return 0 }
        if let contraction = contractions.first(where: { text.starts(with: $0) }) { return contraction.count }
        switch Kind(first) {
        case .letter: return text.prefix { Kind($0) == .letter }.count
        case .number: return 1
        case .other: return text.prefix { Kind($0) == .other && !$0.properties.isWhitespace }.count
        }
    }

    private enum Kind {
        case letter, number, other

        init(_ scalar: Unicode.Scalar) {
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
            case .decimalNumber, .letterNumber, .otherNumber: self = .number
            default: self = .other
            }
        }
    }
}
