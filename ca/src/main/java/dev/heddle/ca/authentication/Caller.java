package dev.heddle.ca.authentication;

/**
 * Whose token a request carried, as the API server says.
 *
 * @param namespace of the ServiceAccount
 * @param serviceAccount its name
 * @param pod the pod that the token is bound to
 */
public record Caller(String namespace, String serviceAccount, String pod) {}
