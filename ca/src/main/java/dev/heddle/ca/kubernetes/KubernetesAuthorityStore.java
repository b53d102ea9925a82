package dev.heddle.ca.kubernetes;

import dev.heddle.ca.rotation.AuthorityStore;
import dev.heddle.ca.rotation.StoreException;
import dev.heddle.ca.rotation.StoredSecret;
import dev.heddle.kubernetes.ObjectWatch;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Keeps authorities in Secrets of the mesh namespace, and anchors in its ConfigMap. */
public final class KubernetesAuthorityStore implements AuthorityStore {
  private static final String TRUST_ANCHORS = "heddle-trust-anchors";
  private static final String TRUST_ANCHORS_KEY = "trust-anchors.pem";
  private static final String TYPE = "kubernetes.io/tls";

  private final KubernetesClient client;
  private final String namespace;
  private final Map<String, String> labels;

  /**
   * Binds the store to a namespace.
   *
   * @param labels what every object made here carries
   */
  public KubernetesAuthorityStore(
      KubernetesClient client, String namespace, Map<String, String> labels) {
    this.client = client;
    this.namespace = namespace;
    this.labels = Map.copyOf(labels);
  }

  @Override
  public Optional<StoredSecret> read(String name) throws StoreException {
    try {
      Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
      return Optional.ofNullable(secret).map(KubernetesAuthorityStore::stored);
    } catch (KubernetesClientException e) {
      throw failed("Secret " + name + ": cannot be read", e);
    }
  }

  @Override
  public void write(StoredSecret secret) throws StoreException {
    Map<String, String> encoded = new HashMap<>();
    secret
        .data()
        .forEach((key, text) ->
            encoded.put(
                key, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
    boolean create = secret.version().isEmpty();
    Secret desired =
        new SecretBuilder()
            .withType(TYPE)
            .withNewMetadata()
            .withName(secret.name())
            .withNamespace(namespace)
            .withResourceVersion(create ? null : secret.version())
            .withLabels(labels)
            .withAnnotations(secret.annotations())
            .endMetadata()
            .withData(encoded)
            .build();
    try {
      if (create) {
        client.resource(desired).create();
      } else {
        client.resource(desired).update();
      }
    } catch (KubernetesClientException e) {
      throw failed("Secret " + secret.name() + ": cannot be written", e);
    }
  }

  @Override
  public void publishTrustAnchors(String pem) throws StoreException {
    try {
      ConfigMap existing = client.configMaps().inNamespace(namespace).withName(TRUST_ANCHORS).get();
      if (existing == null) {
        client
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName(TRUST_ANCHORS)
                    .withNamespace(namespace)
                    .withLabels(labels)
                    .endMetadata()
                    .addToData(TRUST_ANCHORS_KEY, pem)
                    .build())
            .create();
      } else if (existing.getData() == null
          || !pem.equals(existing.getData().get(TRUST_ANCHORS_KEY))) {
        client
            .resource(new ConfigMapBuilder(existing).addToData(TRUST_ANCHORS_KEY, pem).build())
            .update();
      }
    } catch (KubernetesClientException e) {
      throw failed("ConfigMap " + TRUST_ANCHORS + ": cannot be written", e);
    }
  }

  /**
   * Follows a Secret. One that is deleted stays in use: the keeper makes it anew.
   *
   * @param changed called with each content, on another thread
   */
  public ObjectWatch<Secret> follow(String name, Consumer<StoredSecret> changed) {
    return ObjectWatch.start(
        client.secrets().inNamespace(namespace).withName(name),
        "Secret " + name,
        secret -> changed.accept(stored(secret)));
  }

  private static StoredSecret stored(Secret secret) {
    Map<String, String> data = new HashMap<>();
    if (secret.getData() != null) {
      secret
          .getData()
          .forEach((key, text) ->
              data.put(key, new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8)));
    }
    Map<String, String> annotations = secret.getMetadata().getAnnotations();
    return new StoredSecret(
        secret.getMetadata().getName(),
        secret.getMetadata().getResourceVersion(),
        data,
        annotations == null ? Map.of() : annotations);
  }

  private static StoreException failed(String what, KubernetesClientException e) {
    return new StoreException(what + ": " + e.getMessage(), e);
  }
}
