# One session of Perl's Net::LDAP with every control it has a class for, told as JSON on standard output.
# Arguments: URI, administrator's DN, password, a DN below which it works and of which nothing is left.
use strict;
use warnings;
use utf8;
use JSON::PP;
use Net::LDAP;
use Net::LDAP::Constant qw(
    LDAP_CONTROL_PAGED LDAP_CONTROL_PASSWORDPOLICY LDAP_CONTROL_POSTREAD LDAP_CONTROL_PREREAD
    LDAP_CONTROL_SORTRESULT LDAP_CONTROL_TREE_DELETE LDAP_CONTROL_VLVRESPONSE
);
use Net::LDAP::Control::Assertion;
use Net::LDAP::Control::MatchedValues;
use Net::LDAP::Control::NoOp;
use Net::LDAP::Control::Paged;
use Net::LDAP::Control::PasswordPolicy;
use Net::LDAP::Control::PostRead;
use Net::LDAP::Control::PreRead;
use Net::LDAP::Control::ProxyAuth;
use Net::LDAP::Control::Sort;
use Net::LDAP::Control::Subentries;
use Net::LDAP::Control::TreeDelete;
use Net::LDAP::Control::VLV;
use Net::LDAP::Extension::Cancel;
use Net::LDAP::Extension::SetPassword;
use Net::LDAP::Extension::WhoAmI;

my ($uri, $admin, $password, $base) = @ARGV;
my %told;
my $ldap = Net::LDAP->new($uri) or die $@;
$told{bind} = $ldap->bind($admin, password => $password)->code;
$told{whoami} = $ldap->who_am_i->response;

sub uids { [map { scalar $_->get_value('uid') } $_[0]->entries] }

sub search {
    my (@controls) = @_;
    return $ldap->search(base => $base, scope => 'one', filter => '(uid=*)', attrs => ['uid', 'title'], control => [@controls]);
}

$ldap->add($base, attrs => [objectClass => 'organizationalUnit']);
my %surnames = (an => 'Nguyễn', binh => 'Trần', chau => 'Lê');
for my $uid (sort keys %surnames) {
    my @attributes = (objectClass => 'inetOrgPerson', cn => $uid, sn => $surnames{$uid}, title => ['cu', 'khac']);
    my $added = $ldap->add("uid=$uid,$base", attrs => \@attributes);
    die $added->error if $added->code;
}
my $an = "uid=an,$base";

my $page = Net::LDAP::Control::Paged->new(size => 2, critical => 1);
do {
    my $found = search($page);
    push @{$told{pages}}, uids($found);
    $page->cookie(($found->control(LDAP_CONTROL_PAGED))[0]->cookie);
} while (length $page->cookie);

my $sort = Net::LDAP::Control::Sort->new(order => '-sn', critical => 1);
my $sorted = search($sort);
$told{sorted} = [uids($sorted), ($sorted->control(LDAP_CONTROL_SORTRESULT))[0]->result];
my $vlv = Net::LDAP::Control::VLV->new(before => 0, after => 1, content => 0, offset => 2, critical => 1);
for (1 .. 2) {
    my $window = search($sort, $vlv);
    my ($answer) = $window->control(LDAP_CONTROL_VLVRESPONSE);
    push @{$told{windows}}, [uids($window), $answer->target + 0, $answer->content + 0, $answer->result + 0];
    $vlv->response($answer);
    $vlv->scroll_page(-1);
}

my $values = Net::LDAP::Control::MatchedValues->new(matchedValues => '((title=cu))', critical => 1);
$told{matched} = [map { scalar @{[$_->get_value('title')]} } search($values)->entries];
$told{subentries} = uids(search(Net::LDAP::Control::Subentries->new(visibility => 1, critical => 1)));
my $before = Net::LDAP::Control::PreRead->new(attrs => ['title'], critical => 1);
my $after = Net::LDAP::Control::PostRead->new(attrs => ['title'], critical => 1);
my $modified = $ldap->modify($an, replace => { title => 'moi' }, control => [$before, $after]);
for my $oid (LDAP_CONTROL_PREREAD, LDAP_CONTROL_POSTREAD) {
    push @{$told{read}}, [($modified->control($oid))[0]->entry->get_value('title')];
}
for my $filter ('(title=moi)', '(title=cu)') {
    my $assertion = Net::LDAP::Control::Assertion->new(assertion => $filter, critical => 1);
    push @{$told{asserted}}, $ldap->modify($an, replace => { title => 'moi' }, control => [$assertion])->code;
    push @{$told{compared}}, $ldap->compare($an, attr => 'title', value => 'moi', control => [$assertion])->code;
}

my $short = $ldap->modify($an, replace => { userPassword => 'abc' }, control => [Net::LDAP::Control::PasswordPolicy->new]);
$told{short} = [$short->code, ($short->control(LDAP_CONTROL_PASSWORDPOLICY))[0]->pp_error];
$told{set} = $ldap->set_password(user => $an, newpasswd => 'Song-Hau-7894')->code;
my $generated = $ldap->set_password(user => $an)->gen_password;
$told{generated} = $ldap->new($uri)->bind($an, password => $generated)->code;
my $proxy = Net::LDAP::Control::ProxyAuth->new(authzID => "dn:$an", critical => 1);
$told{proxied} = $ldap->who_am_i(control => [$proxy])->response;
$told{denied} = search(Net::LDAP::Control::ProxyAuth->new(authzID => 'u:khong-co', critical => 1))->code;
$told{late} = $ldap->cancel(search())->code;

my $no_op = Net::LDAP::Control::NoOp->new(critical => 1);
my $tree = Net::LDAP::Control::TreeDelete->new(critical => 1);
$told{renamed} = $ldap->moddn("uid=chau,$base", newrdn => 'uid=duong', deleteoldrdn => 1, newsuperior => $an)->code;
$told{leaf} = $ldap->delete($base)->code;
$told{tried} = $ldap->delete($base, control => [$tree, $no_op])->code;
$told{tree} = $ldap->delete($base, control => [$tree])->code;
my $schema = $ldap->schema;
$told{schema} = [map { $schema->attribute($_)->{name} } qw(mail 2.5.4.4), sort map { $_->{name} } $schema->must('person')];
my $dse = $ldap->root_dse;
$told{named} = [map { $dse->supported_control($_) ? 1 : 0 } LDAP_CONTROL_PAGED, LDAP_CONTROL_TREE_DELETE, '1.2.3'];
print JSON::PP->new->canonical->ascii->encode(\%told);
