// SPDX-License-Identifier: MIT
#include "widgets/lab/clip_export.h"

#include "engine/base/text.h"
#include "engine/media/encode_worker.h"
#include "engine/media/encoder.h"
#include "engine/media/encoding_plan.h"
#include "widgets/instruments/patch_grid.h"
#include "widgets/lab/lab_controller.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <algorithm>
#include <utility>

namespace depthscope::lab {

namespace {

constexpr int kQuarter = 90;

QString qt(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

std::filesystem::path pathOf(const QString& file) {
    return QFile::encodeName(file).toStdString();
}

const char* nameOf(media::ScaleRule rule) {
    switch (rule) {
    case media::ScaleRule::Nearest:
        return "nearest";
    case media::ScaleRule::Smooth:
        return "smooth";
    case media::ScaleRule::Usual:
        break;
    }
    return "auto";
}

const media::EncodingFormat& formatOf(const ExportChoice& choice) {
    const media::EncodingFormat* format = media::findEncodingFormat(choice.settings.format);
    return format == nullptr ? *media::findEncodingFormat("png") : *format;
}

/// A picture of one frame is shown without its file: it is turned as it is on screen.
bool isTurned(const ExportChoice& choice) {
    return (!choice.frames || formatOf(choice).isShared) && choice.clip->rotation % kQuarter == 0;
}

/// Drawn frames have their size already, unless they are to be smaller than the clip.
media::EncodeSettings encodeSettings(const ExportChoice& choice) {
    media::EncodeSettings settings = choice.settings;
    const bool isSmaller = settings.scale.over != 0 && settings.scale.over < settings.scale.under;
    if (choice.overlay != ExportOverlay::None && !isSmaller) {
        settings.scale = {1, 1};
    }
    return settings;
}

/// How the file came about, for who finds it.
std::string recipeOf(const ExportChoice& choice, const trace::RunView* run) {
    const trace::ClipView& clip = *choice.clip;
    QJsonObject recipe{
        {QStringLiteral("program"), QStringLiteral("depthscope")},
        {QStringLiteral("version"), QCoreApplication::applicationVersion()},
        {QStringLiteral("source"), qt(clip.name)},
        {QStringLiteral("codec"), qt(clip.codec)},
        {QStringLiteral("pixels"), QString::fromLatin1(nameOf(choice.settings.rule))},
        {QStringLiteral("scale"), ClipExport::planOf(choice).scale}};
    if (choice.frames) {
        recipe.insert(QStringLiteral("frames"),
                      QJsonArray{static_cast<qint64>(choice.frames->first),
                                 static_cast<qint64>(choice.frames->last)});
    } else {
        const trace::Frame& frame = *clip.frame;
        recipe.insert(QStringLiteral("frame"), static_cast<qint64>(frame.number));
        recipe.insert(QStringLiteral("pts"), static_cast<qint64>(frame.pts));
        recipe.insert(QStringLiteral("time_base"),
                      qt(fmt::format("{}/{}", frame.timeBase.over, frame.timeBase.under)));
        recipe.insert(QStringLiteral("seconds"), frame.seconds);
        recipe.insert(QStringLiteral("timecode"),
                      qt(trace::timecode(clip, frame.number, frame.seconds)));
    }
    if (run != nullptr) {
        recipe.insert(QStringLiteral("model"), qt(run->latest->model->name));
        recipe.insert(QStringLiteral("made_from"), qt(run->latest->clip()->source));
    }
    if (choice.overlay != ExportOverlay::None) {
        recipe.insert(QStringLiteral("overlay"), choice.overlayText);
        recipe.insert(QStringLiteral("pictures"), choice.overlay == ExportOverlay::Over);
    }
    return QJsonDocument(recipe).toJson(QJsonDocument::Compact).toStdString();
}

/// The frame as it was decoded, which is on screen: nothing is read again.
media::EncodeWorker::Work workOfFrame(const ExportChoice& choice, media::EncodeSettings settings) {
    settings.sampleAspect = choice.clip->sampleAspect;
    settings.turn = isTurned(choice) ? choice.clip->rotation : 0;
    return [frame = *choice.clip->frame, file = pathOf(choice.file),
            settings = std::move(settings)](const media::EncodeProgress& progress,
                                            const std::stop_token& stop) {
        media::Encoder encoder(file, settings);
        encoder.add(frame);
        progress(1, 1);
        return encoder.finish(stop);
    };
}

media::EncodeWorker::Work
workOfFrames(const ExportChoice& choice, media::EncodeSettings settings, const QString& indexes) {
    media::ClipEncoding job;
    job.source = choice.clip->file;
    job.target = pathOf(choice.file);
    job.first = choice.frames->first;
    job.last = choice.frames->last;
    job.settings = std::move(settings);
    job.index.cacheFolder = pathOf(indexes);
    return
        [job = std::move(job)](const media::EncodeProgress& progress, const std::stop_token& stop) {
            return media::encodeClip(job, progress, stop);
        };
}

/// Of a clip that a model made: its pictures are in memory, or drawn.
media::EncodeWorker::Work workOfPictures(const ExportChoice& choice,
                                         media::EncodeSettings settings,
                                         std::vector<RgbPicturePtr> pictures) {
    settings.rate = choice.clip->frameRate;
    const std::int64_t shown = choice.clip->frame->number;
    const trace::FrameRange frames = choice.frames.value_or(trace::FrameRange{shown, shown});
    return [pictures = std::move(pictures), frames, drawing = choice.drawing,
            file = pathOf(choice.file), settings = std::move(settings)](
               const media::EncodeProgress& progress, const std::stop_token& stop) {
        media::Encoder encoder(file, settings);
        for (std::int64_t n = frames.first; n <= frames.last; ++n) {
            if (stop.stop_requested()) {
                throw Error(ErrorCode::Interrupted, file.string() + ": encoding was stopped");
            }
            if (drawing) {
                encoder.add(drawing(n));
            } else {
                encoder.add(*pictures.at(static_cast<std::size_t>(n)));
            }
            progress(n - frames.first + 1, frames.last - frames.first + 1);
        }
        return encoder.finish(stop);
    };
}

QString factsOf(const media::EncodedClip& clip) {
    return (clip.frames == 1 ? ClipExport::tr("1 frame, %1 x %2, %3")
                             : ClipExport::tr("%1 frames, %2 x %3, %4").arg(clip.frames))
        .arg(clip.width)
        .arg(clip.height)
        .arg(QLocale().formattedDataSize(clip.bytes, 1));
}

} // namespace

int ExportChoice::enlarged() const {
    if (overlay == ExportOverlay::None || !clip || !clip->frame) {
        return 1;
    }
    if (settings.scale.over != 0) {
        return std::max(1, settings.scale.over / settings.scale.under);
    }
    // As many as planEncoding gives a tiny clip of a shared format: an overlay is meant to be seen.
    constexpr int kLeastSide = 256;
    const int side = std::max(1, std::min(clip->frame->width, clip->frame->height));
    const int factor = (kLeastSide + side - 1) / side;
    return factor < 2 ? 1 : factor + factor % 2;
}

struct ClipExport::Engine {
    explicit Engine(std::function<void()> wake)
        : worker(std::move(wake)) {}

    media::EncodeWorker worker;
};

ClipExport::ClipExport(LabController& lab)
    : WindowTask(&lab)
    , m_lab(lab)
    , m_engine(std::make_unique<Engine>([this] {
        QMetaObject::invokeMethod(this, &ClipExport::refresh, Qt::QueuedConnection);
    })) {}

ClipExport::~ClipExport() = default;

std::vector<ExportFormat> ClipExport::formats() {
    std::vector<ExportFormat> found;
    constexpr int kAnySide = 1 << 12; // which encoders there are, whatever the size
    for (const media::EncodingFormat& format : media::encodingFormats()) {
        found.push_back({qt(format.name), qt(format.label), qt(format.endings.front()),
                         qt(media::chooseEncoder(format, kAnySide, kAnySide).reason),
                         format.bestQuality, format.worstQuality, format.usualQuality});
    }
    return found;
}

ExportPlan ClipExport::planOf(const ExportChoice& choice) {
    if (!choice.clip || !choice.clip->frame) {
        return {};
    }
    const trace::Frame& frame = *choice.clip->frame;
    media::EncodeSettings settings = encodeSettings(choice);
    settings.turn = isTurned(choice) ? choice.clip->rotation : 0;
    const int enlarged = choice.enlarged();
    const media::EncodingPlan plan = media::planEncoding(
        formatOf(choice), {frame.width * enlarged, frame.height * enlarged}, settings);
    ExportPlan told;
    told.size = plan.size;
    told.isPadded = plan.padding.width + plan.padding.height > 0;
    told.scale = static_cast<double>(plan.scale.over) / plan.scale.under * enlarged;
    told.problem = qt(plan.reason);
    if (plan.encoder != nullptr) {
        told.encoder = qt(plan.encoder->name);
    }
    return told;
}

void ClipExport::start(const ExportChoice& choice) {
    if (isRunning() || !choice.clip || !choice.clip->frame) {
        return;
    }
    m_file = choice.file;
    m_progress.emplace();
    media::EncodeSettings settings = encodeSettings(choice);
    const trace::TraceView view = m_lab.store().view();
    const trace::RunView* run = instruments::runOf(view, *choice.clip);
    settings.comment = recipeOf(choice, run);
    if (run != nullptr) {
        m_engine->worker.start(
            workOfPictures(choice, std::move(settings), run->latest->clip()->pictures));
    } else {
        m_engine->worker.start(choice.frames ? workOfFrames(choice, std::move(settings), m_indexes)
                                             : workOfFrame(choice, std::move(settings)));
    }
    Q_EMIT changed();
}

QString ClipExport::title() const {
    return tr("Exporting %1").arg(QFileInfo(m_file).fileName());
}

void ClipExport::stop() {
    m_engine->worker.stop();
}

void ClipExport::refresh() {
    const media::EncodeReport report = m_engine->worker.report();
    if (!isRunning()) {
        return; // a wake-up that its report came before
    }
    if (report.isRunning) {
        m_progress = ExportProgress{report.done, report.total, report.secondsLeft};
        Q_EMIT changed();
        return;
    }
    m_progress.reset();
    Q_EMIT changed();
    if (report.clip) {
        Q_EMIT saved(m_file, factsOf(*report.clip));
    } else if (report.error && report.error->code() == ErrorCode::Interrupted) {
        Q_EMIT stopped();
    } else if (report.error) {
        Q_EMIT failed(qt(report.error->message()), qt(report.error->hint()));
    }
}

} // namespace depthscope::lab
