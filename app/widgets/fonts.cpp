#include "app/widgets/fonts.h"

#include "app/embedded.h"

#include <fontconfig/fontconfig.h>
#include <imgui.h>

#include <array>
#include <memory>
#include <set>
#include <string>

namespace splatscope {
namespace {

ImFont* add_embedded(const char* name, bool merge) {
    const std::span<const std::byte> bytes = embedded(name);
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.MergeMode = merge;
    config.PixelSnapH = false;
    config.OversampleH = 2;
    // ImGui takes a pointer to data it does not change when it does not own them.
    return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<std::byte*>(bytes.data()),
                                                      static_cast<int>(bytes.size()), 15.0F, &config);
}

struct FreePattern {
    void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
};

// Files of fonts for scripts that Roboto does not write.
std::set<std::string> system_fonts() {
    std::set<std::string> files;
    if (FcInit() != FcTrue) return files;
    for (const char* language : {":lang=ja", ":lang=zh-cn", ":lang=ko", ":lang=ar", ":lang=he", ":lang=hi", ":lang=th", ":symbol"}) {
        const std::unique_ptr<FcPattern, FreePattern> wanted(FcNameParse(reinterpret_cast<const FcChar8*>(language)));
        if (!wanted) continue;
        FcConfigSubstitute(nullptr, wanted.get(), FcMatchPattern);
        FcDefaultSubstitute(wanted.get());
        FcResult result = FcResultNoMatch;
        const std::unique_ptr<FcPattern, FreePattern> match(FcFontMatch(nullptr, wanted.get(), &result));
        FcChar8* file = nullptr;
        if (match && FcPatternGetString(match.get(), FC_FILE, 0, &file) == FcResultMatch) {
            const std::string path = reinterpret_cast<const char*>(file);
            if (path.ends_with(".ttf") || path.ends_with(".otf") || path.ends_with(".ttc")) files.insert(path);
        }
    }
    return files;
}

}  // namespace

void load_fonts(bool fallbacks) {
    add_embedded("fonts/Roboto-Regular.ttf", false);
    if (fallbacks)
        for (const std::string& file : system_fonts()) {
            ImFontConfig config;
            config.MergeMode = true;
            config.Flags |= ImFontFlags_NoLoadError;
            ImGui::GetIO().Fonts->AddFontFromFileTTF(file.c_str(), 15.0F, &config);
        }
    add_embedded("fonts/Roboto-Bold.ttf", false);
    add_embedded("fonts/Inconsolata-Medium.ttf", false);
    add_embedded("fonts/fontawesome-webfont.ttf", false);
}

ImFont* font_of(Font role) {
    const ImVector<ImFont*>& fonts = ImGui::GetIO().Fonts->Fonts;
    return fonts[static_cast<int>(role)];
}

}  // namespace splatscope
