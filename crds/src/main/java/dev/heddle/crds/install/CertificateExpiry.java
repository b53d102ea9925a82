package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When the mesh's own certificates expire. What does not exist yet is absent.
 *
 * @param root the root
 * @param intermediate the certificate that signs those of workloads
 * @param webhook the certificate shown to the API server
 * @param earliest the first of them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CertificateExpiry(
    @JsonFormat(shape = JsonFormat.Shape.STRING) @Nullable Instant root,
    @JsonFormat(shape = JsonFormat.Shape.STRING) @Nullable Instant intermediate,
    @JsonFormat(shape = JsonFormat.Shape.STRING) @Nullable Instant webhook,
    @JsonFormat(shape = JsonFormat.Shape.STRING) @Nullable Instant earliest) {}
