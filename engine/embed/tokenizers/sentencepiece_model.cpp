#include "engine/embed/tokenizers/sentencepiece_model.h"

#include "engine/core/error.h"
#include "engine/embed/tokenizers/character_table.h"
#include "engine/embed/tokenizers/protobuf.h"
#include "engine/io/json.h"
#include "engine/io/text.h"

#include <cmath>
#include <utility>
#include <vector>

namespace hsa {
namespace {

// Numbers of fields in sentencepiece_model.proto.
namespace field {
constexpr std::uint64_t kPieces = 1, kTrainer = 2, kNormalizer = 3;
constexpr std::uint64_t kPieceText = 1, kPieceScore = 2, kPieceType = 3;
constexpr std::uint64_t kBlankBehind = 24;  // of the trainer: blanks end words
constexpr std::uint64_t kTable = 2, kDummyPrefix = 3, kEscapesBlanks = 5;
}  // namespace field

constexpr std::string_view kBlank = "\u2581";  // how pieces write one

struct PieceText {
    std::string text;
    std::uint64_t type = 1;
};

PieceText read_piece(const std::string& path, std::string_view bytes, std::size_t id) {
    PieceText piece;
    float score = 0.0F;
    ProtobufFields fields(path, bytes);
    while (fields.next()) {
        if (fields.number() == field::kPieceText) piece.text = fields.bytes();
        else if (fields.number() == field::kPieceScore) score = fields.single();
        else if (fields.number() == field::kPieceType) piece.type = fields.varint();
    }
    if (piece.text.empty() || piece.text.find('\0') != std::string::npos ||
        first_invalid_utf8(piece.text))
        fail("{}: piece {} is {}: expected a text in UTF-8.", path, id, json_text(piece.text));
    if (!std::isfinite(score)) fail("{}: the score of piece {} is no finite number.", path, id);
    return piece;
}

// True when a blank may stand only where a piece begins.
bool begins_with_blanks(std::string_view piece) {
    while (piece.starts_with(kBlank)) piece.remove_prefix(kBlank.size());
    return piece.find(kBlank) == std::string_view::npos &&
           piece.find(' ') == std::string_view::npos;
}

}  // namespace

SentencePieceFile check_sentencepiece(const std::string& path, std::string_view bytes) {
    constexpr std::uint64_t kUnknownType = 2;
    SentencePieceFile file;
    std::vector<PieceText> pieces;
    bool blank_behind = false;
    bool escapes = true;
    bool has_trainer = false;
    bool has_normalizer = false;
    ProtobufFields model(path, bytes);
    while (model.next()) {
        if (model.number() == field::kPieces) {
            pieces.push_back(read_piece(path, model.bytes(), pieces.size()));
        } else if (model.number() == field::kTrainer) {
            has_trainer = true;
            ProtobufFields trainer(path, model.bytes());
            while (trainer.next())
                if (trainer.number() == field::kBlankBehind) blank_behind = trainer.varint() != 0;
        } else if (model.number() == field::kNormalizer) {
            has_normalizer = true;
            ProtobufFields normalizer(path, model.bytes());
            while (normalizer.next()) {
                if (normalizer.number() == field::kTable)
                    check_character_table(path, normalizer.bytes());
                else if (normalizer.number() == field::kDummyPrefix)
                    file.dummy_prefix = normalizer.varint() != 0;
                else if (normalizer.number() == field::kEscapesBlanks)
                    escapes = normalizer.varint() != 0;
            }
        }
    }
    if (pieces.empty()) fail("{}: there is no piece in it: expected a SentencePiece model.", path);
    if (!has_trainer || !has_normalizer)
        fail("{}: it ends before the settings of its model: copy the file again.", path);
    auto vocabulary = std::make_shared<Vocabulary>();
    std::size_t unknown = 0;
    file.blanks_cut = !blank_behind && escapes;
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        file.blanks_cut = file.blanks_cut && begins_with_blanks(pieces[id].text);
        unknown += pieces[id].type == kUnknownType ? 1 : 0;
        vocabulary->add(path, std::move(pieces[id].text), id, pieces.size());
    }
    if (unknown != 1) fail("{}: {} pieces stand for what is unknown: expected one.", path, unknown);
    file.vocabulary = std::move(vocabulary);
    return file;
}

}  // namespace hsa
