// SPDX-License-Identifier: MIT
#include "widgets/lab/clip_maker.h"

#include "engine/base/text.h"
#include "engine/media/encode_worker.h"
#include "engine/media/encoder.h"
#include "widgets/lab/lab_controller.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <utility>

namespace depthscope::lab {

namespace {

QString rateText(const trace::Ratio& rate) {
    return rate.under == 1 ? QString::number(rate.over)
                           : QStringLiteral("%1-%2").arg(rate.over).arg(rate.under);
}

std::string recipeOf(const NewClip& clip) {
    const runtime::ClipRequest& request = clip.request;
    const QJsonObject recipe{
        {QStringLiteral("program"), QStringLiteral("depthscope")},
        {QStringLiteral("version"), QCoreApplication::applicationVersion()},
        {QStringLiteral("clips"), QString::fromStdString(request.clips.name)},
        {QStringLiteral("seed"), QString::number(request.clips.seed)}, // 64 bits
        {QStringLiteral("number"), QString::number(request.clips.first)},
        {QStringLiteral("frames"), static_cast<qint64>(request.frames)},
        {QStringLiteral("height"), static_cast<qint64>(request.height)},
        {QStringLiteral("width"), static_cast<qint64>(request.width)}};
    return QJsonDocument(recipe).toJson(QJsonDocument::Compact).toStdString();
}

media::EncodeWorker::Work workOf(std::shared_ptr<const runtime::ClipReport> report,
                                 std::filesystem::path file,
                                 media::EncodeSettings settings) {
    return [report = std::move(report), file = std::move(file), settings = std::move(settings)](
               const media::EncodeProgress& progress, const std::stop_token& stop) {
        media::Encoder encoder(file, settings);
        const auto bytes = static_cast<std::ptrdiff_t>(3 * report->height * report->width);
        for (std::int64_t n = 0; n < report->frames && !stop.stop_requested(); ++n) {
            const auto first = report->rgb.begin() + n * bytes;
            encoder.add(RgbPicture{static_cast<std::int32_t>(report->width),
                                   static_cast<std::int32_t>(report->height),
                                   {first, first + bytes}});
            progress(n + 1, report->frames);
        }
        return encoder.finish(stop);
    };
}

} // namespace

struct ClipMaker::Engine {
    explicit Engine(std::function<void()> wake)
        : worker(std::move(wake)) {}

    media::EncodeWorker worker;
};

ClipMaker::ClipMaker(LabController& lab)
    : WindowTask(&lab)
    , m_lab(lab)
    , m_engine(std::make_unique<Engine>(
          [this] { QMetaObject::invokeMethod(this, &ClipMaker::refresh, Qt::QueuedConnection); })) {
    connect(&lab, &LabController::taskEvent, this, &ClipMaker::onEvent);
}

ClipMaker::~ClipMaker() = default;

QString ClipMaker::nameOf(const NewClip& clip) {
    const runtime::ClipRequest& request = clip.request;
    return QStringLiteral("%1-seed-%2-%3x%4-%5-frames-%6-fps.mkv")
        .arg(QString::fromStdString(request.clips.name))
        .arg(request.clips.seed)
        .arg(request.width)
        .arg(request.height)
        .arg(request.frames)
        .arg(rateText(clip.rate));
}

QString ClipMaker::title() const {
    return tr("Making a clip");
}

void ClipMaker::make(const NewClip& clip) {
    if (!isRunning()) {
        m_clip = clip;
        m_job = m_lab.startTask(clip.request);
    }
}

void ClipMaker::onEvent(const runtime::Event& event) {
    if (const auto* report = std::get_if<runtime::ClipReport>(&event)) {
        if (m_job != 0 && report->job == m_job) {
            write(*report);
        }
    } else if (const auto* ended = std::get_if<runtime::JobEnded>(&event)) {
        if (m_job == 0 || ended->job != m_job) {
            return;
        }
        m_job = 0;
        if (ended->error) {
            Q_EMIT failed(QString::fromStdString(ended->error->message()),
                          QString::fromStdString(ended->error->hint()));
        }
    }
}

void ClipMaker::write(const runtime::ClipReport& report) {
    if (!QDir().mkpath(m_folder)) {
        Q_EMIT failed(tr("%1 cannot be made").arg(m_folder),
                      tr("Check the permissions of the folder above it."));
        return;
    }
    m_file = QDir(m_folder).filePath(nameOf(m_clip));
    media::EncodeSettings settings;
    settings.format = "ffv1"; // every pixel is the generator's
    settings.rate = m_clip.rate;
    settings.title = m_clip.request.clips.name;
    settings.comment = recipeOf(m_clip);
    m_isWriting = true;
    m_engine->worker.start(workOf(std::make_shared<const runtime::ClipReport>(report),
                                  QFile::encodeName(m_file).toStdString(), std::move(settings)));
}

void ClipMaker::refresh() {
    const media::EncodeReport report = m_engine->worker.report();
    if (!m_isWriting || report.isRunning) {
        return;
    }
    m_isWriting = false;
    if (report.clip) {
        Q_EMIT made(m_file);
    } else if (report.error) {
        Q_EMIT failed(QString::fromStdString(report.error->message()),
                      QString::fromStdString(report.error->hint()));
    }
}

} // namespace depthscope::lab
