#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hsa {

// What an SVG or a PDF of ours tells beside its picture, as a PNG does in its text chunks: one text
// under a key. It stands there as a JSON string of plain ASCII, so that neither format's own signs
// nor what a file name may hold can break it.

inline constexpr std::string_view kPdfMagic = "%PDF-";

// Whether the bytes begin as an SVG does: <svg, or XML whose first element it is.
[[nodiscard]] bool looks_like_svg(std::string_view bytes);

// `<metadata>...</metadata>` of an SVG. The key is letters, digits and -.
[[nodiscard]] std::string svg_metadata(std::string_view key, std::string_view text);
// The keywords of a PDF.
[[nodiscard]] std::string pdf_keywords(std::string_view key, std::string_view text);

// The text that pdf_keywords() wrote under the key; nothing where `words` are others.
[[nodiscard]] std::optional<std::string> read_keyed_text(std::string_view words,
                                                         std::string_view key);

// The text of that key; nothing where the file has none or it is not whole. Never throws.
[[nodiscard]] std::optional<std::string> read_svg_text(std::string_view bytes,
                                                       std::string_view key);
[[nodiscard]] std::optional<std::string> read_pdf_text(std::string_view bytes,
                                                       std::string_view key);

}  // namespace hsa
