package dev.heddle.ca.rotation;

import java.util.Optional;

/** Where roots, intermediates and trust anchors are kept. Calls block for a bounded time. */
public interface AuthorityStore {
  /**
   * Reads a Secret.
   *
   * @throws StoreException if the store cannot be reached
   */
  Optional<StoredSecret> read(String name) throws StoreException;

  /**
   * Creates a Secret whose version is empty, or replaces the one of that version.
   *
   * @throws StoreException also if another writer was first
   */
  void write(StoredSecret secret) throws StoreException;

  /**
   * Publishes the trust anchors.
   *
   * @param pem all of them
   */
  void publishTrustAnchors(String pem) throws StoreException;
}
