#include "engine/io/file_bytes.h"

#include "engine/io/file.h"
#include "engine/io/npy.h"
#include "engine/io/safetensors.h"

namespace hsa {

FileBytes read_or_map(const std::string& path, std::uint64_t map_above) {
    if (path == "-") return FileBytes(read_file(path));
    // Mapping costs nothing where it is not used: no page has been looked at but the header's.
    if (std::shared_ptr<const MappedFile> file = MappedFile::open(path);
        file && file->bytes().size() > map_above &&
        (can_view_npy(file->bytes()) ||
         looks_like_safetensors(file->bytes(), file->bytes().size())))
        return FileBytes(file);
    return FileBytes(read_file(path));
}

}  // namespace hsa
