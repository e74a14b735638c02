// SPDX-License-Identifier: MIT
#include "engine/media/filter_graph.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
}

#include <dlfcn.h>

namespace depthscope::media {

namespace {

constexpr int kMajor = LIBAVFILTER_VERSION_MAJOR;

/// The functions of the library that are used here.
class Library {
public:
    Library()
        : m_name(fmt::format("libavfilter.so.{}", kMajor))
        , m_handle(dlopen(m_name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (m_handle == nullptr) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("frames cannot be converted: {}", dlerror()),
                        "Install the package of FFmpeg's libavfilter.");
        }
        find(graphAlloc, "avfilter_graph_alloc");
        find(graphFree, "avfilter_graph_free");
        find(graphConfig, "avfilter_graph_config");
        find(graphParse, "avfilter_graph_parse_ptr");
        find(createFilter, "avfilter_graph_create_filter");
        find(getByName, "avfilter_get_by_name");
        find(inoutAlloc, "avfilter_inout_alloc");
        find(inoutFree, "avfilter_inout_free");
        find(addFrame, "av_buffersrc_add_frame");
        find(getFrame, "av_buffersink_get_frame");
    }

    decltype(&avfilter_graph_alloc) graphAlloc = nullptr;
    decltype(&avfilter_graph_free) graphFree = nullptr;
    decltype(&avfilter_graph_config) graphConfig = nullptr;
    decltype(&avfilter_graph_parse_ptr) graphParse = nullptr;
    decltype(&avfilter_graph_create_filter) createFilter = nullptr;
    decltype(&avfilter_get_by_name) getByName = nullptr;
    decltype(&avfilter_inout_alloc) inoutAlloc = nullptr;
    decltype(&avfilter_inout_free) inoutFree = nullptr;
    decltype(&av_buffersrc_add_frame) addFrame = nullptr;
    decltype(&av_buffersink_get_frame) getFrame = nullptr;

private:
    template <class Function>
    void find(Function& function, const char* symbol) {
        function = reinterpret_cast<Function>(dlsym(m_handle, symbol));
        if (function == nullptr) {
            throw Error(ErrorCode::BadInput, fmt::format("{} has no {}", m_name, symbol),
                        "Install the libavfilter of the FFmpeg that this program was built with.");
        }
    }

    std::string m_name;
    void* m_handle; ///< stays open as long as the program runs
};

const Library& library() {
    static const Library opened;
    return opened;
}

} // namespace

int FilterGraph::make(const std::string& source, const std::string& filters) {
    const Library& lib = library();
    reset();
    m_graph = lib.graphAlloc();
    AVFilterInOut* outputs = lib.inoutAlloc();
    AVFilterInOut* inputs = lib.inoutAlloc();
    int error = m_graph == nullptr || outputs == nullptr || inputs == nullptr ? AVERROR(ENOMEM) : 0;
    if (error >= 0) {
        error = lib.createFilter(&m_source, lib.getByName("buffer"), "in", source.c_str(), nullptr,
                                 m_graph);
    }
    if (error >= 0) {
        error = lib.createFilter(&m_sink, lib.getByName("buffersink"), "out", nullptr, nullptr,
                                 m_graph);
    }
    if (error >= 0) {
        *outputs = {av_strdup("in"), m_source, 0, nullptr};
        *inputs = {av_strdup("out"), m_sink, 0, nullptr};
        error = lib.graphParse(m_graph, filters.c_str(), &inputs, &outputs, nullptr);
    }
    lib.inoutFree(&outputs);
    lib.inoutFree(&inputs);
    if (error >= 0) {
        error = lib.graphConfig(m_graph, nullptr);
    }
    if (error < 0) {
        reset();
    }
    return error;
}

int FilterGraph::push(AVFrame* frame) {
    return library().addFrame(m_source, frame);
}

int FilterGraph::pull(AVFrame* frame) {
    return library().getFrame(m_sink, frame);
}

void FilterGraph::reset() {
    if (m_graph != nullptr) {
        library().graphFree(&m_graph);
    }
}

} // namespace depthscope::media
