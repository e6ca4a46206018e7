import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/** Sockets with TLS that trust one authority; JNDI finds the class by its name. */
public final class TrustedSockets extends SocketFactory {
    private static String certificateFile;

    static synchronized void trust(String file) {
        certificateFile = file;
    }

    /** What JNDI calls. */
    public static synchronized SocketFactory getDefault() {
        return new TrustedSockets();
    }

    private static SocketFactory trusted() throws IOException {
        try {
            return Trust.context(certificateFile).getSocketFactory();
        } catch (Exception unreadable) {
            throw new IOException(unreadable);
        }
    }

    @Override
    public Socket createSocket() throws IOException {
        return trusted().createSocket();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return trusted().createSocket(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        return trusted().createSocket(host, port, local, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return trusted().createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
        return trusted().createSocket(host, port, local, localPort);
    }
}
