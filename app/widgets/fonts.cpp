#include "app/widgets/fonts.h"

#include "app/embedded.h"
#include "app/widgets/theme.h"

#include <fontconfig/fontconfig.h>
#include <imgui.h>

#include <algorithm>
#include <cfloat>
#include <memory>
#include <string>
#include <vector>

namespace splatscope {
namespace {

void add_embedded(const char* name) {
    const std::span<const std::byte> bytes = embedded(name);
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.OversampleH = 2;
    // ImGui takes a pointer to data it does not change when it does not own them.
    ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<std::byte*>(bytes.data()),
                                               static_cast<int>(bytes.size()), kTextSize, &config);
}

struct FreePattern {
    void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
};

// A font file of the system; collections hold several faces.
struct FontFile {
    std::string path;
    int face = 0;
    bool operator==(const FontFile&) const = default;
};

// The user's fonts for scripts that Roboto (Latin, Greek, Cyrillic) does not write, best first.
std::vector<FontFile> system_fonts() {
    std::vector<FontFile> files;
    if (FcInit() != FcTrue) return files;
    for (const char* wish :
         {":lang=ja", ":lang=zh-cn", ":lang=ko", ":lang=ar", ":lang=he", ":lang=hi", ":lang=th",
          ":charset=2192,2208,2713", ":charset=1d400,1d53c"}) {
        const std::unique_ptr<FcPattern, FreePattern> wanted(
            FcNameParse(reinterpret_cast<const FcChar8*>(wish)));
        if (!wanted) continue;
        FcConfigSubstitute(nullptr, wanted.get(), FcMatchPattern);
        FcDefaultSubstitute(wanted.get());
        FcResult result = FcResultNoMatch;
        const std::unique_ptr<FcPattern, FreePattern> match(
            FcFontMatch(nullptr, wanted.get(), &result));
        FcChar8* path = nullptr;
        if (!match || FcPatternGetString(match.get(), FC_FILE, 0, &path) != FcResultMatch) continue;
        FontFile file;
        file.path = reinterpret_cast<const char*>(path);
        FcPatternGetInteger(match.get(), FC_INDEX, 0, &file.face);
        file.face &= 0xffff;  // above it fontconfig counts the instances of a variable font
        const bool readable = file.path.ends_with(".ttf") || file.path.ends_with(".otf") ||
                              file.path.ends_with(".ttc");
        if (readable && std::find(files.begin(), files.end(), file) == files.end())
            files.push_back(file);
    }
    return files;
}

// Lets the font added last take the glyphs it lacks from those files. ImGui reads each glyph when
// it is first drawn.
void add_fallbacks(const std::vector<FontFile>& files) {
    for (const FontFile& file : files) {
        ImFontConfig config;
        config.MergeMode = true;
        config.FontNo = static_cast<ImU32>(file.face);
        config.Flags |= ImFontFlags_NoLoadError;
        ImGui::GetIO().Fonts->AddFontFromFileTTF(file.path.c_str(), kTextSize, &config);
    }
}

}  // namespace

void load_fonts(bool fallbacks) {
    const std::vector<FontFile> files = fallbacks ? system_fonts() : std::vector<FontFile>();
    for (const char* name :
         {"fonts/Roboto-Regular.ttf", "fonts/Roboto-Bold.ttf", "fonts/Inconsolata-Medium.ttf"}) {
        add_embedded(name);
        add_fallbacks(files);
    }
    add_embedded("fonts/fontawesome-webfont.ttf");
}

ImFont* font_of(Font role) {
    const ImVector<ImFont*>& fonts = ImGui::GetIO().Fonts->Fonts;
    return fonts[static_cast<int>(role)];
}

Vec2 text_extent(std::string_view text, const TextStyle& style, float scale) {
    const ImVec2 size = font_of(style.font)
                            ->CalcTextSizeA(style.size * scale, FLT_MAX, 0.0F, text.data(),
                                            text.data() + text.size());
    return {size.x / scale, size.y / scale};
}

}  // namespace splatscope
